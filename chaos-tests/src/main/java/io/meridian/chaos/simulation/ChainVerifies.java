package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogState;

/** I3: each event has the hash that it claims and continues the one before it; and the states that openings carry are what the log before them folds to. */
final class ChainVerifies extends Invariant {
    ChainVerifies(World world) {
        super(world, "I3 the chain verifies");
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (!(what instanceof Disk.Stored.InSegment(var epoch, var envelopes))) {
            return;
        }
        long before = envelopes.getFirst().seq() - 1;
        Hash previous = before == 0 ? Hash.ZERO : region.disk.hashAt(before).orElse(Hash.ZERO);
        for (EventEnvelope envelope : envelopes) {
            if (!envelope.prevHash().equals(previous)) {
                throw violated(
                        region.id + " stored " + envelope.position() + ", which does not continue what is before it");
            }
            if (!envelope.computeHash().equals(envelope.hash())) {
                throw violated(region.id + " stored " + envelope.position() + " with a hash that is not its own");
            }
            previous = envelope.hash();
        }
    }

    @Override
    void atEnd() {
        LogState folded = LogState.empty(world.mesh());
        for (EventEnvelope envelope : world.facts().branch()) {
            if (envelope.opensSegment()
                    && Facts.decoded(envelope) instanceof MeshEvent.SegmentOpened opened
                    && opened.state().isPresent()) {
                MeshState carried = opened.state().get();
                if (!SnapshotCodec.stateHash(carried).equals(SnapshotCodec.stateHash(folded.state()))) {
                    throw violated("the state that " + envelope.position()
                            + " carries is not what the log before it folds to");
                }
            }
            try {
                folded = folded.next(envelope);
            } catch (LogDamagedException e) {
                throw violated("the log does not fold at " + envelope.position(), e);
            }
        }
        for (Region region : world.holders()) {
            MeshProcess process = region.process();
            if (process != null
                    && !SnapshotCodec.stateHash(process.state().durable().state())
                            .equals(SnapshotCodec.stateHash(folded.state()))) {
                throw violated("the state of " + region.id + " is not what the log folds to");
            }
        }
    }
}
