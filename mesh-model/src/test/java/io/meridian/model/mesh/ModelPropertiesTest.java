package io.meridian.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.fixture.RandomCommands;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Laws of the core over random sequences of commands, good ones and bad ones. */
class ModelPropertiesTest {
    private static final int COMMANDS = 40;

    @Property(tries = 60)
    void theLogFoldsFromNothingToTheStateThatTheHomeReturned(@ForAll long seed) throws Exception {
        MeshFixture mesh = randomLife(new Random(seed));

        MeshState folded = MeshState.empty(mesh.state().id());
        for (EventEnvelope envelope : mesh.log()) {
            folded = Evolver.evolve(
                    folded, EventEnvelope.parse(envelope.toProto().toByteArray()));
        }

        assertThat(folded).isEqualTo(mesh.state());
    }

    @Property(tries = 60)
    void everyEventContinuesTheChainAndIsAcceptedOnce(@ForAll long seed) {
        MeshFixture mesh = randomLife(new Random(seed));
        List<EventEnvelope> log = mesh.log();

        Head head = Head.empty(mesh.state().id());
        for (EventEnvelope envelope : log) {
            assertThat(judge(head, log, envelope)).isEqualTo(new Acceptance.Append());
            head = envelope.head();
            assertThat(judge(head, log, envelope)).isEqualTo(new Acceptance.Duplicate());
        }
    }

    @Property(tries = 60)
    void aSnapshotIsTheStateAndItsHashSurvivesTheWire(@ForAll long seed) throws Exception {
        MeshState state = randomLife(new Random(seed)).state();

        MeshState read = SnapshotCodec.toState(
                MeshSnapshot.parseFrom(SnapshotCodec.toProto(state).toByteArray()));

        assertThat(read).isEqualTo(state);
        assertThat(SnapshotCodec.stateHash(read)).isEqualTo(SnapshotCodec.stateHash(state));
    }

    @Property(tries = 60)
    void aCommandTakenAgainNeverChangesTheState(@ForAll long seed) {
        Random random = new Random(seed);
        MeshFixture mesh = randomLife(random);
        CommandRequest request = mesh.request(RandomCommands.command(random, mesh));
        mesh.send(request);
        MeshState once = mesh.state();

        mesh.send(request);

        assertThat(mesh.state()).isEqualTo(once);
    }

    @Property(tries = 60)
    void commandsSurviveTheWire(@ForAll long seed) {
        Random random = new Random(seed);
        CommandRequest request = MeshFixture.mesh("m").request(RandomCommands.command(random, randomLife(random)));

        CommandRequest read = CommandCodec.toRequest(CommandCodec.toProto(request));

        assertThat(read).isEqualTo(request);
        assertThat(CommandCodec.fingerprint(read.command())).isEqualTo(CommandCodec.fingerprint(request.command()));
    }

    @Property(tries = 20)
    void commandsAboutBranchesSurviveTheWire(@ForAll long seed) {
        MeshFixture mesh = randomLife(new Random(seed));
        Position entry = mesh.log().getFirst().position();
        for (MeshCommand command : List.of(
                new MeshCommand.ReapplyBranch("1-1", entry, mesh.log().subList(0, 2), true),
                new MeshCommand.DiscardBranch("1-1", List.of(entry)))) {
            CommandRequest request = mesh.request(command);

            assertThat(CommandCodec.toRequest(CommandCodec.toProto(request))).isEqualTo(request);
        }
    }

    private static Acceptance judge(Head head, List<EventEnvelope> log, EventEnvelope offered) {
        return Acceptance.judge(head, Epoch.NONE, offered.epoch(), seq -> log.get((int) seq - 1).hash(), offered);
    }

    private static MeshFixture randomLife(Random random) {
        MeshFixture mesh = MeshFixture.absent("bookinfo", new PermissiveRules());
        mesh.accept(new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
        for (int i = 0; i < COMMANDS; i++) {
            mesh.send(RandomCommands.command(random, mesh));
        }
        return mesh;
    }
}
