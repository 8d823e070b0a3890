package io.meridian.model.mesh;

import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.time.Instant;

/**
 * Who writes, in which turn, and when: what a home's events say beside their command.
 *
 * @param epoch must name {@code region}
 * @param incarnation one per life of the writing process
 * @param now information for people; nothing is ordered by it
 */
public record Writer(RegionId region, Epoch epoch, String incarnation, Instant now) {
    public Writer {
        if (epoch.isNone() || epoch.regionIndex() != region.index()) {
            throw new IllegalArgumentException("epoch " + epoch + " does not name region " + region + " (index "
                    + region.index() + ") as its writer");
        }
    }
}
