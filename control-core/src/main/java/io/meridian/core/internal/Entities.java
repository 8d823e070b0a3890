package io.meridian.core.internal;

import com.google.protobuf.Message;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/** The meshes' entities, on whichever node of the region they live. Thread-safe. */
final class Entities {
    private static final EntityTypeKey<MeshMessage> TYPE = EntityTypeKey.create(MeshMessage.class, "mesh");
    /** Pekko's asks take no less. */
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final ActorSystem<?> system;
    private final ClusterSharding sharding;

    private Entities(ActorSystem<?> system, ClusterSharding sharding) {
        this.system = system;
        this.sharding = sharding;
    }

    /** Makes this node one that meshes may live on. */
    static Entities start(ActorSystem<?> system, Region region) {
        ClusterSharding sharding = ClusterSharding.get(system);
        sharding.init(Entity.of(TYPE, context -> MeshOpening.create(new MeshId(context.getEntityId()), region))
                .withStopMessage(MeshMessage.Stop.INSTANCE));
        return new Entities(system, sharding);
    }

    /** Fails with a TimeoutException if no answer came in time. */
    <R> CompletionStage<R> ask(MeshId mesh, Duration timeout, Function<ActorRef<R>, MeshMessage> message) {
        Duration bounded = timeout.compareTo(SHORTEST) < 0 ? SHORTEST : timeout;
        return ref(mesh).<R>ask(message::apply, bounded);
    }

    /**
     * Makes a request of replication.v1; the answer is its response. Fails if it did not come in time.
     *
     * @param steps told what happens on the way
     */
    CompletionStage<Message> call(MeshId mesh, Duration timeout, Message request, Consumer<String> steps) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        ActorRef<MeshMessage.CallReply> listener = system.systemActorOf(
                CallListener.create(answer, steps, timeout),
                "call-" + UUID.randomUUID(),
                Props.empty());
        tell(mesh, new MeshMessage.Call(request, listener));
        return answer;
    }

    void tell(MeshId mesh, MeshMessage message) {
        ref(mesh).tell(message);
    }

    private EntityRef<MeshMessage> ref(MeshId mesh) {
        return sharding.entityRefFor(TYPE, mesh.value());
    }
}
