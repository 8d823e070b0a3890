package io.meridian.gateway.internal.feed;

/**
 * When what changed is compiled: the first change after a quiet time at once, what follows it within a window together at the window's end;
 * and while the streams have yet to take what was published last, later still, for a few windows. Pure: time is an argument, in nanoseconds
 * as of System.nanoTime. Not thread-safe.
 */
final class Debounce {
    /** So many windows may pass before the streams have taken the last publish. */
    private static final int MOST_DEFERRALS = 5;
    /** Compiled without waiting any longer, so that what is pending stays small. */
    private static final int MOST_PENDING = 256;

    private final long inventoryNanos;
    private final long configurationNanos;
    private boolean everFlushed;
    private long lastFlushNanos;
    private int pending;
    private long sinceNanos;
    private long dueNanos;
    private int deferrals;

    Debounce(FeedTiming timing) {
        inventoryNanos = timing.inventoryDebounce().toNanos();
        configurationNanos = timing.configurationDebounce().toNanos();
    }

    /** A change came; returns when it has to be compiled, which may be now. */
    long changed(boolean configuration, long nowNanos) {
        long window = configuration ? configurationNanos : inventoryNanos;
        long due = everFlushed ? Math.max(nowNanos, lastFlushNanos + window) : nowNanos;
        if (pending == 0) {
            sinceNanos = nowNanos;
            dueNanos = due;
            deferrals = 0;
        } else if (deferrals == 0) {
            dueNanos = Math.min(dueNanos, due);
        }
        pending++;
        if (pending >= MOST_PENDING) {
            dueNanos = nowNanos;
        }
        return dueNanos;
    }

    /** It is time, but the streams are busy; returns when to look again, or {@code nowNanos} if nothing is waited for any longer. */
    long defer(long nowNanos) {
        if (deferrals >= MOST_DEFERRALS || pending >= MOST_PENDING) {
            return nowNanos;
        }
        deferrals++;
        dueNanos = nowNanos + inventoryNanos;
        return dueNanos;
    }

    /** What is pending is compiled now; returns when the oldest of it came. */
    long flushed(long nowNanos) {
        long since = pending == 0 ? nowNanos : sinceNanos;
        pending = 0;
        everFlushed = true;
        lastFlushNanos = nowNanos;
        return since;
    }
}
