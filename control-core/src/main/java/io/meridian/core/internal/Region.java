package io.meridian.core.internal;

import io.meridian.core.CoreSettings;
import io.meridian.core.PeerRegions;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogReader;
import java.time.InstantSource;

/**
 * What every mesh's entity on this node works with.
 *
 * @param incarnation one per life of this process
 * @param reads runs what reads the journal
 * @param heads told of every durable commit before anybody is answered
 */
record Region(
        RegionId id,
        String incarnation,
        CoreSettings settings,
        InstantSource clock,
        HomeTurn home,
        PeerRegions peers,
        LogReader reader,
        BlockingReads reads,
        HeadBoard heads) {}
