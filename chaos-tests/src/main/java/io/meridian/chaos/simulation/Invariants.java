package io.meridian.chaos.simulation;

import java.util.List;

/** All of them. */
final class Invariants {
    private Invariants() {}

    static List<Invariant> all(World world) {
        return List.of(
                new OneWriterPerEpoch(world),
                new DeclaredBranches(world),
                new ChainVerifies(world),
                new HeadsOnlyGrow(world),
                new SynchronousWritesStay(world),
                new AcknowledgedMembersStay(world),
                new MembersPromised(world),
                new LostWritesAreListed(world),
                new NoCommandTwice(world),
                new RealTimeOrder(world),
                new ReadsHonourPositions(world),
                new NoOkAfterTheEpoch(world),
                new PromisesHold(world),
                new SealedIsHeld(world),
                new RefusedMeansAbsent(world));
    }
}
