package io.meridian.chaos.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** The last things that happened. */
final class Trace {
    private final int capacity;
    private final Deque<String> lines = new ArrayDeque<>();

    Trace(int capacity) {
        this.capacity = capacity;
    }

    void add(long atMillis, String line) {
        if (lines.size() == capacity) {
            lines.removeFirst();
        }
        lines.addLast(String.format(Locale.ROOT, "%8d  %s", atMillis, line));
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
