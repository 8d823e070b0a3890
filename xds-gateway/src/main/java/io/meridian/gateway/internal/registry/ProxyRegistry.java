package io.meridian.gateway.internal.registry;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connected proxies with their last status. Thread-safe; the streams and the meshes' followers write, the reporter reads.
 *
 * <p><b>Positions that nobody has to tell.</b> A publish at position P tells the streams whose view it changes, and no other. Once each of
 * those, and of those of the publishes before, has taken its view and then either acknowledged all of it or called {@link #update}, the
 * follower calls {@link #advanced} with P ({@link Publishes} sees to that). From then on whoever's last status is SYNCED has acknowledged
 * everything at or before P: had P touched it and not been acknowledged, its status would say so. Hence what a SYNCED proxy has acknowledged is the greater of what its status says and the last P. Three things follow:
 *
 * <ul>
 *   <li>a status that is not SYNCED never moves, since what the proxy lacks may be from before P;
 *   <li>a proxy that ceases to be SYNCED keeps what it had reached, and a stream that later reports an older position (it was not told of
 *       those between) does not fall behind that;
 *   <li>a report to the core may carry P only behind the statuses of all streams that changed before P was read ({@link ReportQueue}).
 * </ul>
 *
 * What would break it: calling {@link #advanced} while a stream that P, or a publish before it, touches has yet to acknowledge or to report.
 */
public final class ProxyRegistry {
    /** Proxies that left are remembered until they are reported, the last ones of so many. */
    private static final int MOST_DEPARTED = 1000;
    /** A proxy's identity. */
    record Key(String mesh, String node) {}

    /** Hears what has to be reported, on the thread of whoever changed it. Must not block. */
    interface Listener {
        void changed(Key proxy);

        /** Streams were sent something, acknowledged it, and stand as before. */
        void delivered();

        void advanced(String mesh);
    }

    private static final Listener NOBODY = new Listener() {
        @Override
        public void changed(Key proxy) {}

        @Override
        public void delivered() {}

        @Override
        public void advanced(String mesh) {}
    };

    /**
     * One connected proxy.
     *
     * @param base what its connection alone says
     * @param reached what it had acknowledged when it last ceased to be SYNCED; null if it never was
     * @param behindSinceNanos when what is served moved ahead of what is acknowledged; 0 if it is not ahead
     */
    private record Entry(
            ProxyConnection connection,
            ProxyStatus base,
            StreamStatus status,
            StreamFacts facts,
            @Nullable Position reached,
            long behindSinceNanos) {
        boolean synced() {
            return status.state() == StreamStatus.State.SYNCED;
        }
    }

    private final String region;
    private final String gateway;
    private final LongSupplier nanoClock;
    private final InstantSource clock;
    private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Position> advanced = new ConcurrentHashMap<>();
    private final List<Deliveries> deliveries = new CopyOnWriteArrayList<>();
    private final NodeHistory history = new NodeHistory();
    /** Guarded by itself. */
    private final Map<Key, ProxyStatus> departed = new LinkedHashMap<>();

    private volatile Listener listener = NOBODY;

    /** {@code nanoClock}: as System.nanoTime. */
    public ProxyRegistry(String region, String gateway, LongSupplier nanoClock, InstantSource clock) {
        this.region = region;
        this.gateway = gateway;
        this.nanoClock = nanoClock;
        this.clock = clock;
    }

    void onChange(Listener told) {
        listener = told;
    }

    /** Of the newest stream of its proxy; what an older one says is passed over. */
    public void update(ProxyConnection connection, StreamStatus status, StreamFacts facts) {
        Key key = key(connection);
        entries.compute(key, (k, before) -> {
            if (before != null && before.connection().number() > connection.number()) {
                return before;
            }
            boolean same = before != null && before.connection().number() == connection.number();
            if (!same) {
                history.opened(key, clock.millis());
            }
            boolean behind = status.state() != StreamStatus.State.SYNCED;
            long since = before != null && before.behindSinceNanos() != 0
                    ? before.behindSinceNanos()
                    : Math.max(1, nanoClock.getAsLong());
            return new Entry(
                    connection,
                    same ? before.base() : StatusProto.ofConnection(connection, region, gateway),
                    status,
                    facts,
                    same ? acknowledged(before) : null,
                    behind ? since : 0);
        });
        listener.changed(key);
    }

    /**
     * For the streams of one loop: takes those that are SYNCED, and were when they last called {@link #update}, and acknowledged something
     * that they were sent meanwhile. A stream is to leave it before {@link #remove}.
     */
    public Deliveries deliveries() {
        Deliveries added = new Deliveries(() -> listener.delivered());
        deliveries.add(added);
        return added;
    }

    /** What is in {@link #deliveries} now, of all loops; they are empty then. */
    List<ProxyConnection> takeDelivered() {
        List<ProxyConnection> taken = new ArrayList<>();
        deliveries.forEach(each -> taken.addAll(each.take()));
        return taken;
    }

    /**
     * Every stream that the publish of {@code to} touches has reported; see above. Once per publish, in order; costs nothing per proxy. From
     * any thread.
     */
    public void advanced(MeshId mesh, Position to) {
        advanced.merge(mesh.value(), to, (one, other) -> one.compareTo(other) >= 0 ? one : other);
        listener.advanced(mesh.value());
    }

    /** The stream ended; a newer stream of the same proxy stays. {@code how}: in a few words, for an operator. */
    public void remove(ProxyConnection connection, String how) {
        Key key = key(connection);
        history.ended(key, how, clock.millis());
        entries.computeIfPresent(key, (k, entry) -> {
            if (entry.connection().number() != connection.number()) {
                return entry;
            }
            depart(key, entry);
            return null;
        });
        listener.changed(key);
    }

    private void depart(Key key, Entry entry) {
        ProxyStatus last = toProto(key, entry).toBuilder()
                .setDisconnectedAtMs(clock.millis())
                .build();
        synchronized (departed) {
            departed.remove(key);
            departed.put(key, last);
            if (departed.size() > MOST_DEPARTED) {
                departed.remove(departed.keySet().iterator().next());
            }
        }
    }

    public List<ProxyStatus> list() {
        List<ProxyStatus> list = new ArrayList<>();
        entries.forEach((key, entry) -> list.add(toProto(key, entry)));
        return list;
    }

    Optional<ProxyStatus> find(Key key) {
        Entry entry = entries.get(key);
        return entry == null ? Optional.empty() : Optional.of(toProto(key, entry));
    }

    Optional<ProxyConnection> connection(Key key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::connection);
    }

    /** Of a proxy that left; it is not told again. */
    ProxyReport.ProxyRef takeDeparted(Key key) {
        ProxyReport.ProxyRef.Builder ref =
                ProxyReport.ProxyRef.newBuilder().setMesh(key.mesh()).setNode(key.node());
        synchronized (departed) {
            ProxyStatus last = departed.remove(key);
            if (last != null) {
                ref.setLast(last);
            }
        }
        return ref.build();
    }

    /** Where {@link #advanced} has come; empty before the first. */
    public Optional<Position> advancedTo(String mesh) {
        return Optional.ofNullable(advanced.get(mesh));
    }

    Collection<Key> keys() {
        return List.copyOf(entries.keySet());
    }

    /** Those whose lag grows. */
    Collection<Key> behind() {
        List<Key> keys = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (entry.behindSinceNanos() != 0) {
                keys.add(key);
            }
        });
        return keys;
    }

    /** How many connected proxies refuse the last response of each type. */
    public Map<XdsType, Integer> rejecting() {
        Map<XdsType, Integer> count = new EnumMap<>(XdsType.class);
        entries.values().stream()
                .filter(entry -> entry.status().state() == StreamStatus.State.REJECTED)
                .flatMap(entry -> entry.status().types().stream())
                .filter(type -> type.state() == StreamStatus.State.REJECTED)
                .forEach(type -> count.merge(type.type(), 1, Integer::sum));
        return count;
    }

    private static Key key(ProxyConnection connection) {
        return new Key(connection.mesh().value(), connection.node().proxy().id());
    }

    private @Nullable Position acknowledged(Entry entry) {
        Position own = StatusProto.later(entry.status().acknowledged(), entry.reached());
        return entry.synced()
                ? StatusProto.later(own, advanced.get(entry.connection().mesh().value()))
                : own;
    }

    private ProxyStatus toProto(Key key, Entry entry) {
        ProxyStatus.Builder proto = entry.base().toBuilder()
                .setState(StatusProto.state(entry.status().state()));
        Position acknowledged = acknowledged(entry);
        if (acknowledged != null) {
            proto.setAcknowledged(acknowledged.toProto());
        }
        Position served = StatusProto.later(entry.status().served(), acknowledged);
        if (served != null) {
            proto.setServed(served.toProto());
        }
        long now = nanoClock.getAsLong();
        proto.setLag(
                StatusProto.duration(entry.behindSinceNanos() == 0 ? 0 : Math.max(0, now - entry.behindSinceNanos())));
        StatusProto.types(
                proto,
                entry.status().types(),
                entry.connection().sent(),
                entry.facts(),
                entry.synced() ? acknowledged : null);
        StatusProto.held(proto, entry.facts().halts());
        proto.setConduct(conduct(key, entry.facts(), now));
        return proto.build();
    }

    private ProxyStatus.Conduct conduct(Key key, StreamFacts facts, long nowNanos) {
        long nowMs = clock.millis();
        NodeHistory.Past past = history.of(key, nowMs);
        ProxyStatus.Conduct.Builder conduct = ProxyStatus.Conduct.newBuilder()
                .setStreamsLastMinute(past.streamsLastMinute())
                .setLastEnd(past.lastEnd())
                .setLastEndAtMs(past.lastEndAtMs())
                .setRefusals(facts.refused())
                .setUnacknowledgedSinceMs(facts.unacknowledgedSinceMs());
        if (facts.unreadSinceNanos() != 0) {
            conduct.setUnreadBytes(facts.unreadBytes())
                    .setUnreadSinceMs(nowMs - TimeUnit.NANOSECONDS.toMillis(nowNanos - facts.unreadSinceNanos()));
        }
        return conduct.build();
    }
}
