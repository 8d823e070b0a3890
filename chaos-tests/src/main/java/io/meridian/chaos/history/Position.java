package io.meridian.chaos.history;

import java.util.Comparator;

/** Where an event stands in the log of the mesh that the context tells. A higher epoch is later, whatever the seq. */
public record Position(long epoch, long seq) implements Comparable<Position> {
    private static final int REGIONS = 64;
    private static final Comparator<Position> ORDER =
            Comparator.comparingLong(Position::epoch).thenComparingLong(Position::seq);

    /** The index of the only region that may write in its epoch. */
    public int writer() {
        return writer(epoch);
    }

    public static int writer(long epoch) {
        return (int) Math.floorMod(epoch, (long) REGIONS);
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return epoch + "." + seq;
    }

    /** @throws IllegalArgumentException unless it is what {@link #toString} writes */
    public static Position parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("not a position: " + text);
        }
        return new Position(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
    }
}
