package io.meridian.gateway.internal.protocol;

import com.google.protobuf.ByteString;
import io.meridian.compiler.XdsResource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The responses that are going out, one for each content, whichever streams get it. Numbers them: a nonce has to be unique in its stream
 * and type only, so streams share it; a stream that would get a number twice gets a newer response of the same content. Thread-safe.
 */
final class Responses {
    private static final int MOST_RESPONSES = 1024;

    private final ByteString controlPlane;
    private final long mostBytes;
    private final ConcurrentHashMap<Content, Outgoing> made = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean used;

    /** {@code mostBytes}: so many bytes that were put together for several streams are remembered. */
    Responses(ByteString controlPlane, long mostBytes) {
        this.controlPlane = controlPlane;
        this.mostBytes = mostBytes;
    }

    /** What a response says, with its resources by identity. */
    private static final class Content {
        private final boolean delta;
        private final Outgoing.Stamp stamp;
        private final Batch batch;
        private final int hash;

        private Content(boolean delta, Outgoing.Stamp stamp, Batch batch) {
            this.delta = delta;
            this.stamp = stamp;
            this.batch = batch;
            int sum = stamp.hashCode() * 31 + batch.type().hashCode();
            for (XdsResource resource : batch.resources()) {
                sum = sum * 31 + System.identityHashCode(resource);
            }
            hash = sum * 31 + batch.removed().hashCode();
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // resources of one content are one object
        public boolean equals(@Nullable Object object) {
            if (!(object instanceof Content other)
                    || hash != other.hash
                    || delta != other.delta
                    || batch.type() != other.batch.type()
                    || batch.resources().size() != other.batch.resources().size()
                    || !stamp.equals(other.stamp)
                    || !batch.removed().equals(other.batch.removed())) {
                return false;
            }
            List<XdsResource> mine = batch.resources();
            List<XdsResource> theirs = other.batch.resources();
            for (int i = 0; i < mine.size(); i++) {
                if (mine.get(i) != theirs.get(i)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /**
     * The response that says {@code batch}.
     *
     * @param after the number of the last response of the stream and type; the answer's is larger
     */
    Outgoing of(Batch batch, boolean delta, Outgoing.Stamp stamp, long after) {
        Outgoing last = batch.response();
        if (last != null && last.number() > after && last.bears(stamp)) {
            return last;
        }
        used = true;
        Content content = new Content(delta, stamp, batch);
        Outgoing response = made.compute(content, (key, other) -> {
            if (other != null && other.number() > after) {
                return other;
            }
            long number = numbers.incrementAndGet();
            return new Outgoing(
                    batch.type(),
                    batch.type().typeUrl(),
                    stamp,
                    stamp.version(number),
                    number,
                    batch.resources(),
                    batch.removed(),
                    delta,
                    controlPlane,
                    bytes);
        });
        batch.response(response);
        return response;
    }

    /** Says that nothing is served of the type. */
    Outgoing unserved(String typeUrl, List<String> removed, boolean delta) {
        return new Outgoing(
                null, typeUrl, null, "0", numbers.incrementAndGet(), List.of(), removed, delta, controlPlane, bytes);
    }

    /** Whether it is time to {@link #clear}. */
    boolean full() {
        return made.size() > MOST_RESPONSES || bytes.get() > mostBytes;
    }

    /** How many responses were made. */
    long made() {
        return numbers.get();
    }

    /** Forgets everything if nothing was made since the last call. */
    void forgetIfIdle() {
        if (!used && !made.isEmpty()) {
            clear();
        }
        used = false;
    }

    void clear() {
        bytes.set(0);
        made.clear();
    }
}
