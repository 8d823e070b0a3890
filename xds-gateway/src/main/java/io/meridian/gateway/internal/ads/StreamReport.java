package io.meridian.gateway.internal.ads;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.gateway.internal.registry.ProxyConnection;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.gateway.internal.registry.SentMemo;
import io.meridian.gateway.internal.registry.SentResponses;
import io.meridian.gateway.internal.registry.StreamFacts;
import io.meridian.gateway.internal.registry.StreamLog;
import io.meridian.gateway.internal.rollout.Halt;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one stream, to the registry and in metrics: only what differs from what was told last. Confined to the stream's loop.
 */
final class StreamReport {
    private final ProxyRegistry registry;
    private final GatewayMetrics metrics;
    private final Outlet outlet;
    private final SentResponses sent = new SentResponses();
    private final StreamLog log;

    private @Nullable Position viewed;
    private @Nullable StreamStatus told;
    private StreamFacts toldFacts = StreamFacts.NONE;
    /** System.nanoTime of the oldest change that the client has yet to acknowledge; 0 if there is none. */
    private long convergingSinceNanos;

    private boolean meshDeleted;
    private boolean compileFailed;
    private boolean held;

    StreamReport(ProxyRegistry registry, GatewayMetrics metrics, Outlet outlet, SentMemo memo) {
        this.registry = registry;
        this.metrics = metrics;
        this.outlet = outlet;
        log = new StreamLog(InstantSource.system(), sent, memo);
    }

    SentResponses responses() {
        return sent;
    }

    /** Of the view that the client was last told to be served from; null before there is one. */
    @Nullable
    Position served() {
        return viewed;
    }

    /** A view came, so the mesh is there, and compiles. {@code halts}: of which it has the version before. */
    void viewing(Position position, List<Halt> halts) {
        held = !halts.isEmpty();
        log.held(halts);
        meshDeleted = false;
        compileFailed = false;
        viewed = position;
    }

    /** What could be sent of the view was sent: the time counts unless the client had it already. */
    void changedSince(long changedNanos, StreamStatus.State state) {
        if (convergingSinceNanos == 0 && state != StreamStatus.State.SYNCED) {
            convergingSinceNanos = changedNanos;
        }
    }

    void compileFailed() {
        compileFailed = true;
    }

    void meshDeleted() {
        meshDeleted = true;
    }

    void sent(Outgoing response) {
        log.sent(response, viewed);
        if (response.type() != null) {
            metrics.pushed(response.type(), response.sizeBytes());
        }
    }

    /** The last response of the type, if it is not answered; null otherwise. */
    @Nullable
    Outgoing unanswered(XdsType type) {
        return log.unanswered(type);
    }

    void acknowledged(XdsType type) {
        log.acknowledged(type);
    }

    Refusal refused(XdsType type, String message) {
        metrics.rejected(type);
        return log.refused(type, message);
    }

    void explained(XdsType type, Refusal refusal, Refusal.Causes causes) {
        log.explained(type, refusal, causes);
    }

    /**
     * To be called whenever anything happened: notes how the client stands.
     *
     * @return whether that is where the registry believes it to be, so that there is nothing to tell
     */
    boolean asTold(ProxyConnection connection, DiscoveryStream stream) {
        StreamStatus.State state = stream.state(System.nanoTime());
        if (state == StreamStatus.State.SYNCED && convergingSinceNanos != 0) {
            metrics.converged(Duration.ofNanos(System.nanoTime() - convergingSinceNanos));
            convergingSinceNanos = 0;
        }
        StreamStatus last = told;
        if (state != StreamStatus.State.SYNCED || last == null || !believedSynced() || stream.differs(last.types())) {
            return false;
        }
        registry.delivered(connection);
        return true;
    }

    /** Whether the registry believes it to be SYNCED, and nothing but what the client has yet to acknowledge can be the reason if it is not. */
    boolean believedSynced() {
        boolean slow = outlet.slow(System.nanoTime());
        log.unread(slow ? outlet.unreadBytes() : 0, slow ? outlet.stalledSinceNanos() : 0);
        return told != null
                && told.state() == StreamStatus.State.SYNCED
                && !meshDeleted
                && !compileFailed
                && !held
                && !log.conductChanged();
    }

    /** Tells how the client stands now. */
    void tell(ProxyConnection connection, StreamStatus now) {
        StreamStatus status = seen(now);
        StreamFacts facts = log.facts();
        if (status.equals(told) && facts.equals(toldFacts)) {
            return;
        }
        told = status;
        toldFacts = facts;
        registry.update(connection, status, facts);
    }

    private StreamStatus seen(StreamStatus status) {
        if (meshDeleted) {
            // It keeps what it has; nothing is sent for a mesh that is not there.
            return in(StreamStatus.State.NOT_SENT, status);
        }
        if (status.state() != StreamStatus.State.SYNCED) {
            return status;
        }
        // It has acknowledged all that could be compiled, or that it was given, which is not all that there is.
        return compileFailed
                ? in(StreamStatus.State.STALE, status)
                : held ? in(StreamStatus.State.HELD, status) : status;
    }

    private static StreamStatus in(StreamStatus.State state, StreamStatus status) {
        return new StreamStatus(state, status.served(), status.acknowledged(), status.types());
    }
}
