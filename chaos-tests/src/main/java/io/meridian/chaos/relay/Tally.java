package io.meridian.chaos.relay;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often what happened.
 *
 * @param messages of streams that carry records, as they were sent
 * @param doubled delivered twice
 * @param overtaken delivered after a later one
 * @param replayed of an earlier stream, delivered in a later one
 * @param calls with one answer, as they were made
 * @param madeTwice of these, those that were made once more
 */
public record Tally(long messages, long doubled, long overtaken, long replayed, long calls, long madeTwice) {
    public static final Tally NOTHING = new Tally(0, 0, 0, 0, 0, 0);

    public Tally plus(Tally other) {
        return new Tally(
                messages + other.messages,
                doubled + other.doubled,
                overtaken + other.overtaken,
                replayed + other.replayed,
                calls + other.calls,
                madeTwice + other.madeTwice);
    }

    /** What came since. */
    public Tally minus(Tally earlier) {
        return new Tally(
                messages - earlier.messages,
                doubled - earlier.doubled,
                overtaken - earlier.overtaken,
                replayed - earlier.replayed,
                calls - earlier.calls,
                madeTwice - earlier.madeTwice);
    }

    /** By name, in the order of the components. */
    public Map<String, Long> byName() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("messages", messages);
        named.put("doubled", doubled);
        named.put("overtaken", overtaken);
        named.put("replayed", replayed);
        named.put("calls", calls);
        named.put("made_twice", madeTwice);
        return named;
    }
}
