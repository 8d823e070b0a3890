package io.meridian.chaos.simulation;

import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import java.util.Comparator;
import java.util.List;

/**
 * I8: without a failover, with all disks whole and the mesh created once, a write that was acknowledged before another began stands before it in the log.
 */
final class RealTimeOrder extends Invariant {
    RealTimeOrder(World world) {
        super(world, "I8 real-time order");
    }

    @Override
    void atEnd() {
        if (world.facts().restoredDisks() > 0
                || world.facts().createdTwice()
                || world.facts().openings().values().stream()
                        .map(MeshEvent.SegmentOpened::cause)
                        .anyMatch(cause -> cause != Cause.GENESIS && cause != Cause.HANDOVER)) {
            return;
        }
        List<Operation> writes = world.operations().stream()
                .filter(operation -> operation.position() != null && !operation.unchanged())
                .toList();
        List<Operation> byAnswer = writes.stream()
                .sorted(Comparator.comparingLong(Operation::answeredMillis))
                .toList();
        List<Operation> byBeginning = writes.stream()
                .sorted(Comparator.comparingLong(Operation::invokedMillis))
                .toList();
        int answered = 0;
        long furthest = 0;
        for (Operation later : byBeginning) {
            while (answered < byAnswer.size() && byAnswer.get(answered).answeredMillis() < later.invokedMillis()) {
                furthest = Math.max(furthest, seq(byAnswer.get(answered)));
                answered++;
            }
            if (seq(later) <= furthest) {
                throw violated(
                        later.id() + " began after seq " + furthest + " was acknowledged and stands at " + seq(later));
            }
        }
    }

    private static long seq(Operation operation) {
        return operation.position() == null ? 0 : operation.position().seq();
    }
}
