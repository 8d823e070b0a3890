package io.meridian.replicator.internal;

import io.grpc.SynchronizationContext;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.MoveStep;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the one that asked for a move: steps, if it wants them, then the outcome. Called from any thread; the stream is used from one at a time. */
final class MoveAnswers<R> implements StreamObserver<R> {
    private static final Logger log = LoggerFactory.getLogger(MoveAnswers.class);

    private final StreamObserver<R> responses;
    private final boolean tellsSteps;
    private final Function<MoveStep, R> answer;
    private final SynchronizationContext sync =
            new SynchronizationContext((thread, failure) -> log.error("a move could not be answered", failure));
    private boolean ended;

    /** {@code answer}: that tells a step. */
    MoveAnswers(StreamObserver<R> responses, boolean tellsSteps, Function<MoveStep, R> answer) {
        this.responses = responses;
        this.tellsSteps = tellsSteps;
        this.answer = answer;
    }

    void step(String what) {
        if (tellsSteps) {
            onNext(answer.apply(MoveStep.newBuilder().setWhat(what).build()));
        }
    }

    /** What comes after the end is dropped. */
    @Override
    public void onNext(R response) {
        sync.execute(() -> {
            if (!ended) {
                responses.onNext(response);
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        sync.execute(() -> {
            ended = true;
            responses.onError(failure);
        });
    }

    @Override
    public void onCompleted() {
        sync.execute(() -> {
            ended = true;
            responses.onCompleted();
        });
    }
}
