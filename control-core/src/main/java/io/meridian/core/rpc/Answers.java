package io.meridian.core.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Ends unary calls with what a future brings. */
public final class Answers {
    private static final ExecutorService VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();

    private Answers() {}

    /** Runs {@code work} on the call's thread; its answer may come on any. What it throws or fails with is told by {@link Errors}. */
    public static <T> void answer(StreamObserver<T> observer, Supplier<CompletionStage<T>> work) {
        // With a handler, an answer to a client that went away is dropped rather than thrown at us.
        ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
        CompletionStage<T> stage;
        try {
            stage = work.get();
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        }
        var _ = stage.whenComplete((value, failure) -> {
            if (failure != null) {
                observer.onError(Errors.of(failure));
            } else {
                observer.onNext(value);
                observer.onCompleted();
            }
        });
    }

    /** For work of many steps that is best told in order: runs on a virtual thread and may block by {@link #await}. */
    public static <T> void answerBlocking(StreamObserver<T> observer, Callable<T> work) {
        answer(
                observer,
                () -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return work.call();
                            } catch (RuntimeException e) {
                                throw e;
                            } catch (Exception e) {
                                throw new CompletionException(e);
                            }
                        },
                        VIRTUAL));
    }

    /** What the stage brings, or what it fails with; not longer than the call's deadline. */
    public static <T> T await(CompletionStage<T> stage, Call call) throws Exception {
        try {
            return stage.toCompletableFuture().get(call.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw Errors.of(e);
        }
    }
}
