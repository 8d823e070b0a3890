package io.meridian.gateway.internal.registry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one loop that stand elsewhere than the registry believes. Most do so for milliseconds: their clients were sent something and
 * are about to acknowledge it. So a stream that the registry believes to be SYNCED is told of only when it is not again after {@link
 * #PATIENCE}; a change that all acknowledge costs the registry, the core and the wire between them nothing per stream. Confined to the loop.
 */
public final class Tellings {
    /** How long a client has to acknowledge before anybody hears that it has not. */
    public static final Duration PATIENCE = Duration.ofMillis(200);

    public static final long NEVER = Long.MAX_VALUE;

    /** A stream. */
    public interface Teller {
        /** Its own, the same always. */
        Place place();

        /** Whether the registry believes it to be SYNCED, and nothing but an acknowledgement keeps that from being true. */
        boolean mayWait(long nowNanos);

        /** Tells the registry how it stands. */
        void tell();
    }

    /** A stream's place among those that are due, which costs nothing to take and to leave. */
    public static final class Place {
        private final Teller teller;
        private @Nullable Place before;
        private @Nullable Place after;
        private boolean taken;
        private long number;
        private long sinceNanos;

        public Place(Teller teller) {
            this.teller = teller;
        }
    }

    private record Waiting(long number, Runnable then) {}

    /** In the order in which they became due. */
    private @Nullable Place first;

    private @Nullable Place last;

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long number;
    private long nextNanos = NEVER;

    /** Stands elsewhere than the registry believes. */
    public void due(Place place, long nowNanos) {
        if (place.taken) {
            return;
        }
        place.taken = true;
        place.number = ++number;
        place.sinceNanos = nowNanos;
        Place previous = last;
        place.before = previous;
        if (previous == null) {
            first = place;
        } else {
            previous.after = place;
        }
        last = place;
    }

    /** Stands where the registry believes, or is gone. */
    public void settled(Place place) {
        if (place.taken) {
            leave(place);
            runWaiting();
        }
    }

    private void leave(Place place) {
        Place previous = place.before;
        Place next = place.after;
        if (previous == null) {
            first = next;
        } else {
            previous.after = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.before = previous;
        }
        place.before = null;
        place.after = null;
        place.taken = false;
    }

    /** Runs {@code then} once all that are due now were told or settled; at once if none is. */
    public void whenTold(Runnable then) {
        waiting.add(new Waiting(++number, then));
        runWaiting();
    }

    /** Lets those tell that need not wait any longer. Returns how many. */
    public int tell(long nowNanos) {
        List<Place> now = new ArrayList<>();
        nextNanos = NEVER;
        for (Place place = first; place != null; place = place.after) {
            long until = place.sinceNanos + PATIENCE.toNanos();
            if (nowNanos - until >= 0 || !place.teller.mayWait(nowNanos)) {
                now.add(place);
            } else if (nextNanos == NEVER) {
                nextNanos = until;
            }
        }
        for (Place place : now) {
            // Whoever left meanwhile has nothing to tell.
            if (place.taken) {
                leave(place);
                place.teller.tell();
            }
        }
        runWaiting();
        return now.size();
    }

    /** When, as System.nanoTime, the first of those that {@link #tell} let wait has waited long enough; {@link #NEVER} if there was none. */
    public long nextNanos() {
        return nextNanos;
    }

    private void runWaiting() {
        while (!waiting.isEmpty()
                && (first == null || first.number > waiting.element().number())) {
            waiting.remove().then().run();
        }
    }
}
