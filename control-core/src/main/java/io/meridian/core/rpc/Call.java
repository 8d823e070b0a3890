package io.meridian.core.rpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.meridian.api.type.v1.Actor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Who calls, and until when. Taken on the call's own thread by {@link #current}; from there on a value that may go anywhere.
 *
 * @param deadlineNanos on the scale of {@link System#nanoTime}
 */
public record Call(Actor actor, long deadlineNanos) {
    /** For calls that name no deadline. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** However far away the client's deadline is. */
    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);

    /** Kept back from the client's deadline, so that the answer (what is still missing, whether a write may have happened) reaches it. */
    private static final Duration MAX_MARGIN = Duration.ofMillis(250);

    public static Call current() {
        return current(DEFAULT_TIMEOUT);
    }

    /** {@code withoutDeadline}: how long it may take if the client names no deadline. */
    public static Call current(Duration withoutDeadline) {
        Deadline deadline = Context.current().getDeadline();
        Duration timeout =
                deadline == null ? withoutDeadline : lessMargin(deadline.timeRemaining(TimeUnit.NANOSECONDS));
        return new Call(
                CallerInterceptor.current(),
                System.nanoTime() + min(timeout, MAX_TIMEOUT).toNanos());
    }

    private static Duration lessMargin(long nanos) {
        return Duration.ofNanos(Math.max(1, nanos - Math.min(nanos / 10, MAX_MARGIN.toNanos())));
    }

    /** What is left; at least a millisecond, so that ports can be asked and say themselves that it was not enough. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(1_000_000, deadlineNanos - System.nanoTime()));
    }

    public Duration remaining(Duration atMost) {
        return min(remaining(), atMost);
    }

    public boolean isOver() {
        return deadlineNanos - System.nanoTime() <= 0;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
