package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.delete;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        CommandRequest request = mesh.request(command(random, mesh));
        mesh.send(request);
        MeshState once = mesh.state();

        mesh.send(request);

        assertThat(mesh.state()).isEqualTo(once);
    }

    @Property(tries = 60)
    void commandsSurviveTheWire(@ForAll long seed) {
        Random random = new Random(seed);
        CommandRequest request = MeshFixture.mesh("m").request(command(random, randomLife(random)));

        CommandRequest read = CommandCodec.toRequest(CommandCodec.toProto(request));

        assertThat(read).isEqualTo(request);
        assertThat(CommandCodec.fingerprint(read.command())).isEqualTo(CommandCodec.fingerprint(request.command()));
    }

    private static Acceptance judge(Head head, List<EventEnvelope> log, EventEnvelope offered) {
        return Acceptance.judge(head, Epoch.NONE, offered.epoch(), seq -> log.get((int) seq - 1).hash(), offered);
    }

    private static MeshFixture randomLife(Random random) {
        MeshFixture mesh = MeshFixture.absent("bookinfo", new PermissiveRules());
        mesh.accept(new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
        for (int i = 0; i < COMMANDS; i++) {
            mesh.send(command(random, mesh));
        }
        return mesh;
    }

    private static MeshCommand command(Random random, MeshFixture mesh) {
        String name = "n" + random.nextInt(3);
        ResourceKey key = virtualService(random.nextBoolean() ? "default" : name, "vs-" + random.nextInt(4));
        return switch (random.nextInt(14)) {
            case 0 ->
                new MeshCommand.CreateMesh(
                        MeshSpec.newBuilder().setVersion("1.26").build());
            case 1 ->
                new MeshCommand.UpdateMesh(
                        MeshSpec.newBuilder().setDisplayName(name).build());
            case 2 -> new MeshCommand.UpgradeMesh(random.nextBoolean() ? "1.27" : "9.9");
            case 3 -> new MeshCommand.DeleteMesh();
            case 4 -> new MeshCommand.AddCluster(name, cluster(random));
            case 5 -> new MeshCommand.UpdateCluster(name, cluster(random));
            case 6 -> new MeshCommand.RemoveCluster(name);
            case 7 -> new MeshCommand.CreateNamespace(name, NamespaceSpec.getDefaultInstance());
            case 8 ->
                new MeshCommand.UpdateNamespace(
                        name,
                        NamespaceSpec.newBuilder()
                                .putAllLabels(Map.of("b", "2", "a", "1"))
                                .build());
            case 9 -> new MeshCommand.DeleteNamespace(name);
            case 10 -> new MeshCommand.DeployIngressGateway("gw", gateway("n" + random.nextInt(3), random));
            case 11 -> new MeshCommand.UninstallIngressGateway("gw");
            case 12 ->
                new MeshCommand.Rollback(
                        mesh.state().head().position(),
                        List.copyOf(mesh.state().resources().values()).stream()
                                .filter(resource -> random.nextBoolean())
                                .toList(),
                        random.nextBoolean() ? Optional.of("default") : Optional.empty(),
                        Optional.empty());
            default ->
                new MeshCommand.ApplyResources(
                        List.of(random.nextInt(4) == 0 ? delete(key) : put(key, "{\"a\":" + random.nextInt(3) + "}")));
        };
    }

    private static ClusterSpec cluster(Random random) {
        return ClusterSpec.newBuilder()
                .setType(ClusterSpec.Type.VIRTUAL_MACHINES)
                .setZone("z" + random.nextInt(2))
                .build();
    }

    private static IngressGatewaySpec gateway(String cluster, Random random) {
        return IngressGatewaySpec.newBuilder()
                .setCluster(cluster)
                .addPorts(IngressGatewaySpec.PortMapping.newBuilder().setServicePort(random.nextInt(3) * 80))
                .build();
    }
}
