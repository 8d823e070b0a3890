package io.meridian.core.internal;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Waits for the answer to one call, which may be preceded by steps. */
final class CallListener {
    private CallListener() {}

    static Behavior<MeshMessage.CallReply> create(
            CompletableFuture<Message> answer, Consumer<String> steps, Duration timeout) {
        return Behaviors.withTimers(timers -> {
            timers.startSingleTimer(
                    new MeshMessage.CallFailed("no answer within " + timeout.toMillis() + " ms"), timeout);
            return Behaviors.receive(MeshMessage.CallReply.class)
                    .onMessage(MeshMessage.CallStep.class, step -> {
                        steps.accept(step.what());
                        return Behaviors.same();
                    })
                    .onMessage(MeshMessage.CallAnswer.class, told -> {
                        answer.complete(told.response());
                        return Behaviors.stopped();
                    })
                    .onMessage(MeshMessage.CallFailed.class, failed -> {
                        answer.completeExceptionally(new IllegalStateException(failed.message()));
                        return Behaviors.stopped();
                    })
                    .build();
        });
    }
}
