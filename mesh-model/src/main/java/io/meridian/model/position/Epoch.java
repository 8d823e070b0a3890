package io.meridian.model.position;

import java.time.Instant;

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

    /**
     * The smallest epoch after this one that names {@code regionIndex} and whose n is no less than the milliseconds from 1970 to {@code clock}. A clock that
     * stands before 1970 asks for nothing.
     */
    public Epoch next(int regionIndex, Instant clock) {
        long millis = Math.max(0, clock.toEpochMilli());
        Epoch now = new Epoch(Math.multiplyExact(millis, RegionId.MAX_REGIONS));
        return (compareTo(now) > 0 ? this : now).next(regionIndex);
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
