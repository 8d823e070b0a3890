package io.meridian.gateway.internal.registry;

import com.google.protobuf.Duration;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.gateway.internal.rollout.Halt;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statuses as the API tells them. Pure. */
public final class StatusProto {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int MOST_OBJECTS = 32;
    private static final int MOST_HALTS = 32;

    private StatusProto() {}

    /** What does not change as long as the stream lasts. */
    static ProxyStatus ofConnection(ProxyConnection connection, String region, String gateway) {
        Proxy proxy = connection.node().proxy();
        return ProxyStatus.newBuilder()
                .setNode(proxy.id())
                .setMesh(connection.mesh().value())
                .setCluster(proxy.cluster())
                .setRegion(region)
                .setGateway(gateway)
                .setType(proxy.type().name())
                .setVersion(connection.node().version())
                .setConnectedAtMs(connection.connectedAt().toEpochMilli())
                .setPeer(connection.peer())
                .setProtocol(connection.protocol())
                .setStream(connection.number())
                .setDescription(ProxyStatus.NodeDescription.newBuilder()
                        .addAllAddresses(proxy.addresses())
                        .setName(proxy.name())
                        .setNamespace(proxy.namespace())
                        .setDomain(proxy.domain())
                        .setNetwork(proxy.network())
                        .setLocality(proxy.locality())
                        .putAllLabels(proxy.labels())
                        .setInterceptionMode(proxy.interceptionMode().name())
                        .setIstioVersion(proxy.istioVersion())
                        .setServiceAccount(proxy.serviceAccount()))
                .build();
    }

    /** {@code everything}: what all types are known to have acknowledged at least; null if that is not known. */
    static void types(
            ProxyStatus.Builder proto,
            List<StreamStatus.TypeState> types,
            SentResponses responses,
            StreamFacts facts,
            @Nullable Position everything) {
        for (StreamStatus.TypeState type : types) {
            ProxyStatus.TypeStatus.Builder ofType = ProxyStatus.TypeStatus.newBuilder()
                    .setType(type.type().shortName())
                    .setState(state(type.state()))
                    .setNack(StreamLog.shortened(type.nack()))
                    .setResources(type.resources());
            Position acknowledged = type.state() == StreamStatus.State.SYNCED
                    ? later(type.acknowledged(), everything)
                    : type.acknowledged();
            if (acknowledged != null) {
                ofType.setAcknowledged(acknowledged.toProto());
            }
            SentResponses.Sent sent = responses.of(type.type());
            if (sent != null) {
                ofType.setSent(sent(sent));
            }
            Refusal refusal = facts.refusals().get(type.type());
            if (refusal != null && type.state() == StreamStatus.State.REJECTED) {
                ofType.setRejected(rejection(refusal));
            }
            proto.addTypes(ofType);
        }
    }

    static ProxyStatus.Sent sent(SentResponses.Sent sent) {
        ProxyStatus.Sent.Builder proto = ProxyStatus.Sent.newBuilder()
                .setVersion(sent.version())
                .setAtMs(sent.atMs())
                .setResources(sent.resources());
        if (sent.position() != null) {
            proto.setPosition(sent.position().toProto());
        }
        return proto.build();
    }

    private static ProxyStatus.Rejection rejection(Refusal refusal) {
        ProxyStatus.Rejection.Builder proto = ProxyStatus.Rejection.newBuilder()
                .setVersion(refusal.version())
                .setMessage(refusal.message())
                .setMoreResources(refusal.moreResources())
                .setAtMs(refusal.at().toEpochMilli());
        if (refusal.position() != null) {
            proto.setPosition(refusal.position().toProto());
        }
        refusal.resources()
                .forEach(resource -> proto.addResources(ProxyStatus.RejectedResource.newBuilder()
                        .setName(resource.name())
                        .setVersion(resource.version())));
        Refusal.Causes causes = refusal.causes();
        if (causes != null) {
            causes.objects().stream().limit(MOST_OBJECTS).forEach(cause -> proto.addObjects(cause(cause)));
            if (causes.event() != null) {
                proto.setEvent(causes.event().toProto());
            }
        }
        return proto.build();
    }

    static void held(ProxyStatus.Builder proto, List<Halt> halts) {
        halts.stream().limit(MOST_HALTS).forEach(halt -> {
            proto.addHeld(held(halt));
        });
    }

    /** As a proxy's status tells it. */
    public static ProxyStatus.HeldResource held(Halt halt) {
        ProxyStatus.HeldResource.Builder held = ProxyStatus.HeldResource.newBuilder()
                .setType(halt.type().shortName())
                .setName(halt.name())
                .setVersion(halt.version())
                .setCanaries(halt.canaries())
                .setRefused(halt.refused())
                .setMessage(halt.refusal().message())
                .setAtMs(halt.refusal().at().toEpochMilli());
        Refusal.Causes causes = halt.refusal().causes();
        if (causes != null) {
            causes.objects().stream().limit(MOST_OBJECTS).forEach(cause -> held.addObjects(cause(cause)));
            if (causes.event() != null) {
                held.setEvent(causes.event().toProto());
            }
        }
        return held.build();
    }

    /** What {@link #held} told. */
    public static Halt halt(ProxyStatus.HeldResource held, XdsType type, Position compiledFrom) {
        List<Refusal.Cause> objects = held.getObjectsList().stream()
                .map(cause -> new Refusal.Cause(ResourceKey.of(cause.getObject()), Position.of(cause.getModified())))
                .toList();
        Refusal refusal = new Refusal(
                null,
                "",
                held.getMessage(),
                List.of(new Refusal.Resource(held.getName(), held.getVersion(), compiledFrom)),
                0,
                Instant.ofEpochMilli(held.getAtMs()),
                new Refusal.Causes(objects, held.hasEvent() ? Position.of(held.getEvent()) : null));
        return new Halt(type, held.getName(), held.getVersion(), held.getCanaries(), held.getRefused(), refusal);
    }

    private static ProxyStatus.Cause cause(Refusal.Cause cause) {
        return ProxyStatus.Cause.newBuilder()
                .setObject(cause.object().toProto())
                .setModified(cause.modified().toProto())
                .build();
    }

    static ProxyStatus.State state(StreamStatus.State state) {
        return switch (state) {
            case NOT_SENT -> ProxyStatus.State.NOT_SENT;
            case SYNCED -> ProxyStatus.State.SYNCED;
            case STALE -> ProxyStatus.State.STALE;
            case REJECTED -> ProxyStatus.State.REJECTED;
            case HELD -> ProxyStatus.State.HELD;
        };
    }

    static Duration duration(long nanos) {
        return Duration.newBuilder()
                .setSeconds(nanos / NANOS_PER_SECOND)
                .setNanos((int) (nanos % NANOS_PER_SECOND))
                .build();
    }

    /** The later of two positions, either of which may be missing. */
    static @Nullable Position later(@Nullable Position one, @Nullable Position other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }
}
