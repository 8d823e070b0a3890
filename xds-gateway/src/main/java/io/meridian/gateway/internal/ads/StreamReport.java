package io.meridian.gateway.internal.ads;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.gateway.internal.protocol.Unanswered;
import io.meridian.gateway.internal.registry.Deliveries;
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
    private final SentMemo memo;
    private final Deliveries deliveries;
    private final InstantSource clock;
    private final StreamLog log;

    private @Nullable Position viewed;
    private @Nullable StreamStatus told;
    private StreamFacts toldFacts = StreamFacts.NONE;
    /** System.nanoTime of the oldest change that the client has yet to acknowledge; 0 if there is none. */
    private long convergingSinceNanos;

    private boolean meshDeleted;
    private boolean compileFailed;
    private boolean held;

    // Of what is said above and in the log, so that a push to thousands need not look at all of it.
    /** Whether the registry believes it to be SYNCED, and nothing but the protocol can make that untrue. */
    private boolean ordinary;
    /** Whether it was last noted as slow to read. */
    private boolean slow;
    /** As {@link StreamLog#refuses}. */
    private boolean refuses;

    /** The oldest that was told of as unanswered, and when it was sent. */
    private @Nullable Unanswered oldest;

    private long oldestAtMs;

    /** {@code loop}: of the stream. */
    StreamReport(ProxyRegistry registry, GatewayMetrics metrics, Outlet outlet, StreamLoop loop) {
        this.registry = registry;
        this.metrics = metrics;
        this.outlet = outlet;
        memo = loop.sentMemo();
        deliveries = loop.deliveries();
        clock = InstantSource.system();
        log = new StreamLog(clock);
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
        viewed = position;
        if (held || meshDeleted || compileFailed || !halts.isEmpty()) {
            held = !halts.isEmpty();
            log.held(halts);
            meshDeleted = false;
            compileFailed = false;
            look();
        }
    }

    /** To be called after each change of what {@link #ordinary} is made of. */
    private void look() {
        ordinary = told != null
                && told.state() == StreamStatus.State.SYNCED
                && !meshDeleted
                && !compileFailed
                && !held
                && !log.conductChanged();
    }

    /** What could be sent of the view was sent: the time counts unless the client had it already. */
    void changedSince(long changedNanos, StreamStatus.State state) {
        if (convergingSinceNanos == 0 && state != StreamStatus.State.SYNCED) {
            convergingSinceNanos = changedNanos;
        }
    }

    void compileFailed() {
        compileFailed = true;
        look();
    }

    void meshDeleted() {
        meshDeleted = true;
        look();
    }

    void sent(Outgoing response) {
        if (response.type() != null) {
            metrics.pushed(response.type(), response.sizeBytes());
        }
    }

    void acknowledged(XdsType type, Unanswered response, long nowNanos) {
        sent.note(type, memo.of(response, nowNanos));
        if (refuses) {
            log.acknowledged(type);
            refuses = log.refuses();
            look();
        }
    }

    Refusal refused(XdsType type, Unanswered response, String message, long nowNanos) {
        metrics.rejected(type);
        sent.note(type, memo.of(response, nowNanos));
        Refusal refusal = log.refused(type, response, message);
        refuses = true;
        look();
        return refusal;
    }

    void explained(XdsType type, Refusal refusal, Refusal.Causes causes) {
        log.explained(type, refusal, causes);
        look();
    }

    /**
     * To be called whenever anything happened: notes how the client stands.
     *
     * @return whether that is where the registry believes it to be, so that there is nothing to tell
     */
    boolean asTold(ProxyConnection connection, DiscoveryStream stream, long nowNanos) {
        StreamStatus.State state = stream.state(nowNanos);
        if (state == StreamStatus.State.SYNCED && convergingSinceNanos != 0) {
            metrics.converged(Duration.ofNanos(nowNanos - convergingSinceNanos));
            convergingSinceNanos = 0;
        }
        StreamStatus last = told;
        if (state != StreamStatus.State.SYNCED
                || last == null
                || !believedSynced(nowNanos)
                || stream.differs(last.types())) {
            return false;
        }
        deliveries.add(connection);
        return true;
    }

    /** Whether the registry believes it to be SYNCED, and nothing but what the client has yet to acknowledge can be the reason if it is not. */
    boolean believedSynced(long nowNanos) {
        boolean slowNow = outlet.slow(nowNanos);
        if (slowNow || slow) {
            slow = slowNow;
            log.unread(slowNow ? outlet.unreadBytes() : 0, slowNow ? outlet.stalledSinceNanos() : 0);
            look();
        }
        return ordinary;
    }

    /** The stream ended; {@code how}: in a few words, for an operator. */
    void ended(ProxyConnection connection, String how) {
        deliveries.remove(connection);
        registry.remove(connection, how);
    }

    /** Tells how the client stands now. */
    void tell(ProxyConnection connection, DiscoveryStream stream, long nowNanos) {
        StreamStatus status = seen(stream.status(nowNanos));
        StreamFacts facts = log.facts(noteUnanswered(stream, nowNanos));
        if (status.equals(told) && facts.equals(toldFacts)) {
            look();
            return;
        }
        told = status;
        toldFacts = facts;
        look();
        registry.update(connection, status, facts);
    }

    /** What is on the way is told, too. Returns when the oldest of it was sent, in milliseconds since 1970; 0 if nothing is. */
    private long noteUnanswered(DiscoveryStream stream, long nowNanos) {
        Unanswered first = null;
        for (XdsType type : XdsType.values()) {
            Unanswered response = stream.unanswered(type);
            if (response != null) {
                sent.note(type, memo.of(response, nowNanos));
                first = first == null || response.sentAtNanos() - first.sentAtNanos() < 0 ? response : first;
            }
        }
        if (first == null) {
            oldest = null;
            return 0;
        }
        if (!first.equals(oldest)) {
            oldest = first;
            oldestAtMs = first.sentAtMs(clock, nowNanos);
        }
        return oldestAtMs;
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
