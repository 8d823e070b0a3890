package io.meridian.gateway.internal.registry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams of one loop that stand elsewhere than the registry believes. Most do so for milliseconds: their clients were sent something and
 * are about to acknowledge it. So a stream that the registry believes to be SYNCED is told of only when it is not again after {@link
 * #PATIENCE}; a change that all acknowledge costs the registry, the core and the wire between them nothing per stream. Confined to the loop.
 */
public final class Tellings {
    /** How long a client has to acknowledge before anybody hears that it has not. */
    public static final Duration PATIENCE = Duration.ofMillis(200);

    public static final long NEVER = Long.MAX_VALUE;

    /** A stream. Compared by identity. */
    public interface Teller {
        /** Whether the registry believes it to be SYNCED, and nothing but an acknowledgement keeps that from being true. */
        boolean mayWait();

        /** Tells the registry how it stands. */
        void tell();
    }

    private record Due(long number, long sinceNanos) {}

    private record Waiting(long number, Runnable then) {}

    /** In the order in which they became due. */
    private final Map<Teller, Due> due = new LinkedHashMap<>();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long number;
    private long nextNanos = NEVER;

    /** Stands elsewhere than the registry believes. */
    public void due(Teller teller, long nowNanos) {
        due.computeIfAbsent(teller, added -> new Due(++number, nowNanos));
    }

    /** Stands where the registry believes, or is gone. */
    public void settled(Teller teller) {
        if (due.remove(teller) != null) {
            runWaiting();
        }
    }

    /** Runs {@code then} once all that are due now were told or settled; at once if none is. */
    public void whenTold(Runnable then) {
        waiting.add(new Waiting(++number, then));
        runWaiting();
    }

    /** Lets those tell that need not wait any longer. Returns how many. */
    public int tell(long nowNanos) {
        List<Teller> now = new ArrayList<>();
        nextNanos = NEVER;
        due.forEach((teller, since) -> {
            long until = since.sinceNanos() + PATIENCE.toNanos();
            if (nowNanos - until >= 0 || !teller.mayWait()) {
                now.add(teller);
            } else if (nextNanos == NEVER) {
                nextNanos = until;
            }
        });
        now.forEach(teller -> {
            due.remove(teller);
            teller.tell();
        });
        runWaiting();
        return now.size();
    }

    /** When, as System.nanoTime, the first of those that {@link #tell} let wait has waited long enough; {@link #NEVER} if there was none. */
    public long nextNanos() {
        return nextNanos;
    }

    private void runWaiting() {
        while (!waiting.isEmpty()
                && (due.isEmpty()
                        || due.values().iterator().next().number()
                                > waiting.element().number())) {
            waiting.remove().then().run();
        }
    }
}
