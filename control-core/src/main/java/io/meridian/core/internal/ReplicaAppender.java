package io.meridian.core.internal;

import io.meridian.core.Replicas;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Takes what other regions wrote to the mesh's entity, which judges it. */
final class ReplicaAppender implements Replicas {
    private final Entities entities;

    ReplicaAppender(Entities entities) {
        this.entities = entities;
    }

    @Override
    public CompletionStage<Appended> append(
            MeshId mesh, Epoch sourceEpoch, List<EventEnvelope> envelopes, Duration timeout) {
        for (EventEnvelope envelope : envelopes) {
            if (!envelope.mesh().equals(mesh)) {
                return CompletableFuture.failedStage(new IllegalArgumentException(
                        "event " + envelope.position() + " is of mesh " + envelope.mesh() + ", not of " + mesh));
            }
        }
        return entities.<MeshMessage.AppendReply>ask(
                        mesh, timeout, replyTo -> new MeshMessage.Append(sourceEpoch, envelopes, replyTo))
                .thenCompose(reply -> switch (reply) {
                    case MeshMessage.Appended(var head, var stopped) ->
                        CompletableFuture.completedStage(new Appended(head, stopped));
                    case MeshMessage.AppendFailed(var message) ->
                        CompletableFuture.failedStage(new IllegalStateException(message));
                });
    }

    @Override
    public void acknowledged(MeshId mesh, String region, Head head) {
        entities.tell(mesh, new MeshMessage.Acknowledged(region, head));
    }

    @Override
    public void heard(MeshId mesh) {
        entities.tell(mesh, MeshMessage.Poke.INSTANCE);
    }
}
