package io.meridian.chaos.simulation;

import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * I12: once a later epoch gave its first OK, an OK is only for what is on the final branch. For SYNC meshes while {@link Facts#synchronous} holds, and for
 * meshes with leases whose homes were taken over by the mesh's own decision: an operator does not wait for a lease.
 */
final class NoOkAfterTheEpoch extends Invariant {
    NoOkAfterTheEpoch(World world) {
        super(world, "I12 no OK after the epoch");
    }

    @Override
    void atEnd() {
        Facts facts = world.facts();
        if (!facts.synchronous() && !leased(facts)) {
            return;
        }
        Set<Position> branch = Facts.positions(facts.branch());
        Map<Epoch, Long> firstOk = new TreeMap<>();
        facts.okays().forEach(okay -> {
            if (branch.contains(okay.position())) {
                firstOk.merge(okay.position().epoch(), okay.atMillis(), Math::min);
            }
        });
        for (Facts.Okay okay : facts.okays()) {
            firstOk.forEach((epoch, atMillis) -> {
                if (epoch.compareTo(okay.position().epoch()) > 0
                        && atMillis < okay.atMillis()
                        && !branch.contains(okay.position())) {
                    throw violated(okay.position() + " was acknowledged at " + okay.atMillis() + " ms; epoch " + epoch
                            + " gave its first OK at " + atMillis + " ms, and goes on without it");
                }
            });
        }
    }

    private boolean leased(Facts facts) {
        return world.scenario().automatic()
                && facts.restoredDisks() == 0
                && !facts.createdTwice()
                && facts.openings().values().stream().allMatch(NoOkAfterTheEpoch::respectsLeases);
    }

    private static boolean respectsLeases(MeshEvent.SegmentOpened opened) {
        return opened.cause() != Cause.FORCED
                || opened.takeover().map(takeover -> takeover.getAutomatic()).orElse(false);
    }
}
