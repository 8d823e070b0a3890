package io.meridian.core.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Ends calls with what a future brings. */
public final class Answers {
    /** For a port to tell by itself that the deadline was too short, which says more than that it did not answer. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final ExecutorService VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();

    private Answers() {}

    /** Runs {@code work} on the call's thread; its answer may come on any. What it throws or fails with is told by {@link Errors}. */
    public static <T> void answer(StreamObserver<T> observer, Supplier<CompletionStage<T>> work) {
        CompletionStage<T> stage;
        try {
            stage = work.get();
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        }
        settle(observer, Call.current(), stage, observer::onNext);
    }

    /** For work of many steps that is best told in order: runs on a virtual thread and may block by {@link #await}. */
    public static <T> void answerBlocking(StreamObserver<T> observer, Call call, Callable<T> work) {
        settle(observer, call, blocking(work), observer::onNext);
    }

    private static <T> CompletionStage<T> blocking(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                VIRTUAL);
    }

    /** As {@link #answerBlocking}, for an answer in several messages, which are there before the first is sent. */
    public static <T> void streamBlocking(StreamObserver<T> observer, Call call, Callable<List<T>> work) {
        settle(observer, call, blocking(work), parts -> parts.forEach(observer::onNext));
    }

    /** What the stage brings, or what it fails with; not much longer than the call's deadline, which ports keep by themselves. */
    public static <T> T await(CompletionStage<T> stage, Call call) throws Exception {
        try {
            return stage.toCompletableFuture().get(call.remaining().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw Errors.of(e);
        }
    }

    private static <T, V> void settle(
            StreamObserver<T> observer, Call call, CompletionStage<V> stage, Consumer<V> tell) {
        // With a handler, an answer to a client that went away is dropped rather than thrown at us.
        ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
        var _ = stage.toCompletableFuture()
                .copy()
                .orTimeout(call.remaining().plus(GRACE.multipliedBy(4)).toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((value, failure) -> {
                    if (failure != null) {
                        observer.onError(Errors.of(failure));
                    } else {
                        tell.accept(value);
                        observer.onCompleted();
                    }
                });
    }
}
