package io.meridian.core.admin;

import com.google.protobuf.util.Durations;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.core.rpc.Errors;

/**
 * One call of Handover or Failover: steps as they are told, from any thread, then how it ended. Everything happens in {@code sync}. A client that
 * goes away stops nothing.
 */
final class MoveStream {
    private final StreamObserver<MoveHomeUpdate> observer;
    private final SynchronizationContext sync;
    private final long beginNanos = System.nanoTime();
    private boolean ended;

    /** On the call's thread, before its method returns. */
    MoveStream(StreamObserver<MoveHomeUpdate> observer) {
        this.observer = observer;
        this.sync = new SynchronizationContext((thread, failure) -> fail(failure));
        ((ServerCallStreamObserver<MoveHomeUpdate>) observer).setOnCancelHandler(() -> {});
    }

    void step(String what) {
        long at = System.nanoTime() - beginNanos;
        sync.execute(() -> {
            if (!ended) {
                observer.onNext(MoveHomeUpdate.newBuilder()
                        .setStep(MoveHomeStep.newBuilder()
                                .setAt(Durations.fromNanos(at))
                                .setWhat(what))
                        .build());
            }
        });
    }

    void end(MoveHomeReport report) {
        sync.execute(() -> {
            if (!ended) {
                ended = true;
                observer.onNext(
                        MoveHomeUpdate.newBuilder().setReport(report).build());
                observer.onCompleted();
            }
        });
    }

    void fail(Throwable failure) {
        sync.execute(() -> {
            if (!ended) {
                ended = true;
                observer.onError(Errors.of(failure));
            }
        });
    }
}
