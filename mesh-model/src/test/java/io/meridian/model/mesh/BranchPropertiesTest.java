package io.meridian.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.fixture.RandomCommands;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.BranchEntry.Assessment;
import io.meridian.model.mesh.BranchEntry.Resolution;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Laws of what a forced failover leaves behind, over random lives of a mesh on both branches. */
class BranchPropertiesTest {

    @Property(tries = 150)
    void theEntriesAreTheTailCommandByCommand(@ForAll long seed) {
        Diverged mesh = diverged(new Random(seed));
        if (mesh.tail().isEmpty()) {
            return;
        }
        List<BranchEntry> entries = mesh.assess();

        long next = mesh.fork.position().seq() + 1;
        for (BranchEntry entry : entries) {
            assertThat(entry.first().seq()).isEqualTo(next);
            next = entry.last().seq() + 1;
        }
        assertThat(next - 1).isEqualTo(mesh.old.state().head().position().seq());
    }

    @Property(tries = 150)
    void whatIsReappliableComesBackInOrderAndChangesNothingThatTheCurrentBranchChanged(@ForAll long seed) {
        Diverged mesh = diverged(new Random(seed));
        if (mesh.tail().isEmpty()) {
            return;
        }
        List<Resource> changedSince = mesh.now.state().resources().values().stream()
                .filter(resource ->
                        resource.modifiedSeq() > mesh.fork.position().seq())
                .filter(resource -> !isDuplicates(mesh, resource))
                .toList();
        mesh.recorded();

        for (BranchEntry entry : mesh.branch().entries()) {
            if (entry.assessment() == Assessment.REAPPLIABLE) {
                CommandOutcome outcome = mesh.now.send(mesh.reapply(entry, entry.operatorOnly()));
                assertThat(outcome).as(entry + "").isInstanceOf(CommandOutcome.Accepted.class);
            }
        }

        assertThat(mesh.branch().entries())
                .filteredOn(entry -> entry.assessment() == Assessment.REAPPLIABLE)
                .extracting(BranchEntry::resolution)
                .allMatch(Resolution.REAPPLIED::equals);
        assertThat(mesh.now.state().resources().values()).containsAll(changedSince);
    }

    /** I7, over every way in which a command can come back: its client's retry before and after, the operator, the policy. */
    @Property(tries = 150)
    void noCommandIdIsAppliedTwiceOnTheBranch(@ForAll long seed) {
        Random random = new Random(seed);
        MeshFixture old = life(random, 10);
        Diverged mesh = new Diverged(old);
        List<CommandRequest> asked = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            CommandRequest request = old.request(RandomCommands.command(random, old));
            asked.add(request);
            old.send(request);
        }
        retrySome(random, mesh, asked);
        if (mesh.tail().isEmpty()) {
            return;
        }
        mesh.recorded();
        for (BranchEntry entry : mesh.branch().entries()) {
            retrySome(random, mesh, asked);
            if (random.nextBoolean()) {
                mesh.now.send(mesh.reapply(entry, random.nextBoolean()));
            }
        }
        retrySome(random, mesh, asked);

        Map<String, Position> seen = new HashMap<>();
        for (EventEnvelope envelope : mesh.now.log()) {
            boolean last =
                    envelope.header().getIndexInCommand() == envelope.header().getEventsInCommand() - 1;
            String id = envelope.header().getCommandId();
            if (last && !id.isEmpty()) {
                assertThat(seen.put(id, envelope.position())).as(id).isNull();
            }
        }
        for (BranchEntry entry : mesh.branch().entries()) {
            if (entry.resolution() == Resolution.REAPPLIED) {
                assertThat(entry.reappliedAt()).contains(seen.get(entry.commandId()));
            }
        }
    }

    @Property(tries = 60)
    void theNewHomesLogFoldsAndItsStateSurvivesTheWire(@ForAll long seed) throws Exception {
        Diverged mesh = diverged(new Random(seed));
        if (!mesh.tail().isEmpty()) {
            mesh.recorded();
        }

        MeshState folded = MeshState.empty(mesh.now.state().id());
        for (EventEnvelope envelope : mesh.now.log()) {
            folded = Evolver.evolve(
                    folded, EventEnvelope.parse(envelope.toProto().toByteArray()));
        }

        assertThat(folded).isEqualTo(mesh.now.state());
        MeshState read = SnapshotCodec.toState(MeshSnapshot.parseFrom(SnapshotCodec.bytes(folded)));
        assertThat(read).isEqualTo(folded);
        assertThat(SnapshotCodec.bytes(read)).isEqualTo(SnapshotCodec.bytes(folded));
    }

    private static void retrySome(Random random, Diverged mesh, List<CommandRequest> asked) {
        asked.stream().filter(request -> random.nextInt(8) == 0).forEach(mesh.now::send);
    }

    private static boolean isDuplicates(Diverged mesh, Resource resource) {
        return mesh.assess().stream()
                .filter(entry -> entry.assessment() == Assessment.DUPLICATE)
                .anyMatch(entry -> mesh.now.state().applied().wrote(entry.commandId(), resource.modifiedSeq()));
    }

    private static Diverged diverged(Random random) {
        Diverged mesh = new Diverged(life(random, random.nextInt(20)));
        List<CommandRequest> asked = new ArrayList<>();
        for (int i = 0; i < random.nextInt(12); i++) {
            CommandRequest request = mesh.old.request(RandomCommands.command(random, mesh.old));
            asked.add(request);
            mesh.old.send(request);
        }
        for (int i = 0; i < random.nextInt(6); i++) {
            mesh.now.send(RandomCommands.command(random, mesh.now));
        }
        retrySome(random, mesh, asked);
        return mesh;
    }

    private static MeshFixture life(Random random, int commands) {
        MeshFixture mesh = MeshFixture.absent("bookinfo", new PermissiveRules());
        mesh.accept(new MeshCommand.CreateMesh(io.meridian.api.type.v1.MeshSpec.getDefaultInstance()));
        for (int i = 0; i < commands; i++) {
            mesh.send(RandomCommands.command(random, mesh));
        }
        return mesh;
    }
}
