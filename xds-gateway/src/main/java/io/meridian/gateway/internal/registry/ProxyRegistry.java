package io.meridian.gateway.internal.registry;

import com.google.protobuf.Duration;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The connected proxies with their last status. Thread-safe; the streams write, the reporter reads. */
public final class ProxyRegistry {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** A refusal's text may quote the whole resource. */
    private static final int MAX_NACK_LENGTH = 4096;

    /** A proxy's identity. */
    record Key(String mesh, String node) {
        ProxyReport.ProxyRef toProto() {
            return ProxyReport.ProxyRef.newBuilder().setMesh(mesh).setNode(node).build();
        }
    }

    /** {@code behindSinceNanos}: when what is served moved ahead of what is acknowledged; 0 if it is not ahead. */
    private record Entry(ProxyConnection connection, StreamStatus status, long behindSinceNanos) {}

    private final String region;
    private final String gateway;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Position> advanced = new ConcurrentHashMap<>();
    private volatile Consumer<Key> listener = key -> {};

    /** {@code nanoClock}: as System.nanoTime. */
    public ProxyRegistry(String region, String gateway, LongSupplier nanoClock) {
        this.region = region;
        this.gateway = gateway;
        this.nanoClock = nanoClock;
    }

    /** Told of each proxy whose status changed, on the stream's thread; must not block. */
    void onChange(Consumer<Key> told) {
        listener = told;
    }

    public void update(ProxyConnection connection, StreamStatus status) {
        Key key = key(connection);
        entries.compute(key, (k, before) -> {
            if (before != null && before.connection().number() > connection.number()) {
                return before;
            }
            boolean behind = status.state() != StreamStatus.State.SYNCED;
            long since = before != null && before.behindSinceNanos() != 0
                    ? before.behindSinceNanos()
                    : Math.max(1, nanoClock.getAsLong());
            return new Entry(connection, status, behind ? since : 0);
        });
        listener.accept(key);
    }

    /**
     * Every stream that a publish at or before this position touches has reported: whoever is SYNCED has acknowledged everything up to it.
     * From any thread.
     */
    public void advanced(MeshId mesh, Position to) {
        advanced.merge(mesh.value(), to, (one, other) -> one.compareTo(other) >= 0 ? one : other);
        entries.forEach((key, entry) -> {
            if (key.mesh().equals(mesh.value()) && entry.status().state() == StreamStatus.State.SYNCED) {
                listener.accept(key);
            }
        });
    }

    private @Nullable Position reached(Entry entry, @Nullable Position own) {
        Position of = advanced.get(entry.connection().mesh().value());
        boolean moved = of != null
                && own != null
                && entry.status().state() == StreamStatus.State.SYNCED
                && own.compareTo(of) < 0;
        return moved ? of : own;
    }

    /** The stream ended; a newer stream of the same proxy stays. */
    public void remove(ProxyConnection connection) {
        Key key = key(connection);
        entries.computeIfPresent(key, (k, entry) -> entry.connection().number() == connection.number() ? null : entry);
        listener.accept(key);
    }

    public List<ProxyStatus> list() {
        List<ProxyStatus> list = new ArrayList<>();
        entries.values().forEach(entry -> list.add(toProto(entry)));
        return list;
    }

    Optional<ProxyStatus> find(Key key) {
        Entry entry = entries.get(key);
        return entry == null ? Optional.empty() : Optional.of(toProto(entry));
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

    private static Key key(ProxyConnection connection) {
        return new Key(connection.mesh().value(), connection.node().proxy().id());
    }

    private ProxyStatus toProto(Entry entry) {
        ProxyConnection connection = entry.connection();
        StreamStatus status = entry.status();
        ProxyStatus.Builder proto = ProxyStatus.newBuilder()
                .setNode(connection.node().proxy().id())
                .setMesh(connection.mesh().value())
                .setCluster(connection.node().proxy().cluster())
                .setRegion(region)
                .setGateway(gateway)
                .setType(connection.node().proxy().type().name())
                .setVersion(connection.node().version())
                .setConnectedAtMs(connection.connectedAt().toEpochMilli())
                .setState(state(status.state()))
                .setPeer(connection.peer())
                .setProtocol(connection.protocol());
        Position acknowledged = reached(entry, status.acknowledged());
        if (acknowledged != null) {
            proto.setAcknowledged(acknowledged.toProto());
        }
        Position served = reached(entry, status.served());
        if (served != null) {
            proto.setServed(served.toProto());
        }
        long lagNanos =
                entry.behindSinceNanos() == 0 ? 0 : Math.max(0, nanoClock.getAsLong() - entry.behindSinceNanos());
        proto.setLag(
                Duration.newBuilder().setSeconds(lagNanos / NANOS_PER_SECOND).setNanos((int)
                        (lagNanos % NANOS_PER_SECOND)));
        for (StreamStatus.TypeState type : status.types()) {
            ProxyStatus.TypeStatus.Builder ofType = ProxyStatus.TypeStatus.newBuilder()
                    .setType(type.type().shortName())
                    .setState(state(type.state()))
                    .setNack(shortened(type.nack()))
                    .setResources(type.resources());
            if (type.acknowledged() != null) {
                ofType.setAcknowledged(type.acknowledged().toProto());
            }
            proto.addTypes(ofType);
        }
        return proto.build();
    }

    private static String shortened(@Nullable String text) {
        String whole = text == null ? "" : text;
        return whole.length() <= MAX_NACK_LENGTH ? whole : whole.substring(0, MAX_NACK_LENGTH) + "...";
    }

    private static ProxyStatus.State state(StreamStatus.State state) {
        return switch (state) {
            case NOT_SENT -> ProxyStatus.State.NOT_SENT;
            case SYNCED -> ProxyStatus.State.SYNCED;
            case STALE -> ProxyStatus.State.STALE;
            case REJECTED -> ProxyStatus.State.REJECTED;
        };
    }
}
