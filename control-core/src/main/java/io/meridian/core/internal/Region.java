package io.meridian.core.internal;

import io.meridian.core.CoreSettings;
import io.meridian.core.PeerRegions;
import io.meridian.core.protocol.ProtocolSettings;
import io.meridian.model.mesh.Decider;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogReader;
import java.time.InstantSource;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What every mesh's entity on this node works with.
 *
 * @param incarnation one per life of this process
 * @param protocol what the meshes' protocol is told
 * @param reads runs what reads the journal
 * @param fenced whether other processes can write the journal
 * @param heads told of every durable commit before anybody is answered
 * @param deaf for answers that nobody waits for
 */
record Region(
        RegionId id,
        String incarnation,
        CoreSettings settings,
        ProtocolSettings protocol,
        InstantSource clock,
        Decider decider,
        PeerRegions peers,
        LogReader reader,
        BlockingReads reads,
        boolean fenced,
        HeadBoard heads,
        ActorRef<MeshMessage.CallReply> deaf) {}
