package io.meridian.chaos.simulation;

import java.util.PriorityQueue;

/** Virtual time: what is due next happens next; what is due at the same time, in the order in which it was scheduled. */
final class Scheduler {
    private record Due(long atMillis, long order, Runnable action) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(atMillis, other.atMillis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long scheduled;
    private long nowMillis;
    private long steps;

    long nowMillis() {
        return nowMillis;
    }

    long steps() {
        return steps;
    }

    /** At once if {@code atMillis} is past. */
    void at(long atMillis, Runnable action) {
        queue.add(new Due(Math.max(atMillis, nowMillis), scheduled++, action));
    }

    void in(long delayMillis, Runnable action) {
        at(nowMillis + delayMillis, action);
    }

    /** Everything that is due up to then. */
    void runUntil(long untilMillis) {
        Due next = queue.peek();
        while (next != null && next.atMillis() <= untilMillis) {
            queue.remove();
            nowMillis = next.atMillis();
            steps++;
            next.action().run();
            next = queue.peek();
        }
        nowMillis = Math.max(nowMillis, untilMillis);
    }
}
