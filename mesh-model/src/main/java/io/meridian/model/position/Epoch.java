package io.meridian.model.position;

/**
 * The number of one home's turn: {@code n * 64 + regionIndex}, so an epoch names its only possible writer and two failovers forced at
 * the same time cannot collide (the rule of Temporal's failover versions).
 *
 * @param value 0 for "none yet", positive otherwise
 */
public record Epoch(long value) implements Comparable<Epoch> {
    public static final Epoch NONE = new Epoch(0);

    public Epoch {
        if (value < 0) {
            throw new IllegalArgumentException("epoch must not be negative: " + value);
        }
    }

    /** The index of the region that writes in this epoch. Meaningless for {@link #NONE}. */
    public int regionIndex() {
        return (int) (value % RegionId.MAX_REGIONS);
    }

    /** The smallest epoch after this one that names {@code regionIndex}. */
    public Epoch next(int regionIndex) {
        long candidate = value - value % RegionId.MAX_REGIONS + regionIndex;
        return new Epoch(candidate > value ? candidate : candidate + RegionId.MAX_REGIONS);
    }

    public boolean isNone() {
        return value == 0;
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
