package io.meridian.replicator;

import io.meridian.model.position.RegionId;

/**
 * How a region's topic stands, as seen from here: for operators and metrics.
 *
 * @param region whose topic it is
 * @param own whether it is this region's own: then events are published to it; others' are read
 * @param up whether it can be relied on
 * @param detail why not, in a sentence; empty where all is well
 * @param records published, or read, since the start
 * @param refused records that were no events, or not those that they claimed to be, since the start
 */
public record TopicStatus(RegionId region, boolean own, boolean up, String detail, long records, long refused) {}
