package io.meridian.replicator.internal;

import io.meridian.core.Inventories;
import io.meridian.core.MeshCommands;
import io.meridian.core.MeshLog;
import io.meridian.core.PeerCalls;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.Replicas;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The region's core, as the replicator sees it. */
public record Ports(
        MeshLog log,
        MeshCommands commands,
        Replicas replicas,
        Inventories inventories,
        ProxyDirectory proxies,
        PeerCalls duties) {
    /** Time that a port gets beyond the deadline that it was given, before it is taken to have forgotten its answer. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /**
     * Asks a port; {@code then} hears the answer or a failure, on an arbitrary thread, exactly once. Whatever goes wrong is a failure, no
     * answer at all included.
     */
    static <T> void ask(
            Supplier<CompletionStage<T>> port, Duration deadline, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        CompletableFuture<T> answer;
        try {
            answer = port.get().toCompletableFuture().copy();
        } catch (RuntimeException e) {
            then.accept(null, e);
            return;
        }
        var _ = answer.orTimeout(deadline.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete(then);
    }

    /** What a failed answer failed with. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause instanceof CompletionException) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The reason of a failed answer, in one line. */
    static String reason(Throwable failure) {
        Throwable cause = cause(failure);
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
