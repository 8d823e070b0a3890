package io.meridian.replicator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/** What happens when, in virtual time; and a network that loses, doubles and reorders while {@link #faulty}. All of it decided by a seed. */
final class Agenda {
    final Random random;
    boolean faulty = true;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long order;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    Agenda(long seed) {
        random = new Random(seed);
    }

    long now() {
        return now;
    }

    Moment moment() {
        return new Moment(now, random.nextDouble());
    }

    /** {@code after} is run after each event. */
    void runUntil(long end, Runnable after) {
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event event = events.remove();
            now = event.at();
            event.action().run();
            after.run();
        }
        now = end;
    }

    void later(long millis, Runnable action) {
        events.add(new Event(now + millis, order++, action));
    }

    void every(long millis, Runnable action) {
        later(millis, () -> {
            action.run();
            every(millis, action);
        });
    }

    /** Mostly short, sometimes long enough to be overtaken. */
    long delay() {
        return 1L + (random.nextInt(10) == 0 ? random.nextInt(400) : random.nextInt(15));
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    /** A message on its way: it may arrive late, twice or never. */
    void message(Runnable delivery) {
        if (faulty && oneIn(12)) {
            return;
        }
        List<Runnable> copies = new ArrayList<>(List.of(delivery));
        if (faulty && oneIn(12)) {
            copies.add(delivery);
        }
        copies.forEach(copy -> later(faulty ? delay() : 5, copy));
    }
}
