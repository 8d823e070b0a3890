package io.meridian.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;

/** A node of a region over a real journal, and the words to drive it. */
final class TestRegion implements AutoCloseable {
    static final RegionId EU = new RegionId("eu-1", 1);
    static final RegionId US = new RegionId("us-1", 2);
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Joining and leaving take milliseconds. */
    private static final Config QUICK = ConfigFactory.parseString("""
            pekko.cluster.gossip-interval = 20ms
            pekko.cluster.leader-actions-interval = 20ms
            """);

    private static final Actor ALICE =
            Actor.newBuilder().setSubject("alice").setChannel("cli").build();
    /** Command ids are never used twice, in no region of a test. */
    private static final AtomicLong IDS = new AtomicLong();

    private final RegionId id;
    private final ActorSystem<Void> system;
    private final RegionCore core;
    final FakePeers peers;

    private TestRegion(RegionId id, ActorSystem<Void> system, RegionCore core, FakePeers peers) {
        this.id = id;
        this.system = system;
        this.core = core;
        this.peers = peers;
    }

    static TestRegion start(RegionId id, Path data) {
        return start(id, data, new FakePeers());
    }

    static TestRegion start(RegionId id, Path data, FakePeers peers) {
        return start(id, data, peers, List.of(), ConfigFactory.empty());
    }

    static TestRegion start(RegionId id, JournalKind kind, Path data, FakePeers peers) {
        return start(id, data, peers, List.of(), kind.settings(data));
    }

    /** {@code overrides}: of any key. */
    static TestRegion start(RegionId id, Path data, FakePeers peers, List<Integer> seeds, Config overrides) {
        Config config = RegionSystem.config(data, 0, seeds, overrides.withFallback(QUICK));
        ActorSystem<Void> system = RegionSystem.create(config);
        try {
            return new TestRegion(
                    id, system, RegionCore.start(system, CoreSettings.of(config, id, data), peers), peers);
        } catch (RuntimeException e) {
            system.terminate();
            Await.get(system.getWhenTerminated());
            throw e;
        }
    }

    RegionCore core() {
        return core;
    }

    int clusterPort() {
        return Cluster.get(system).selfMember().address().getPort().orElseThrow();
    }

    Cluster cluster() {
        return Cluster.get(system);
    }

    CommandRequest request(MeshId mesh, MeshCommand command) {
        return request(mesh, "cmd-" + IDS.incrementAndGet(), command);
    }

    CommandRequest request(MeshId mesh, String commandId, MeshCommand command) {
        return new CommandRequest(mesh, commandId, ALICE, "a test", id.name(), Optional.empty(), false, command);
    }

    CompletionStage<CommandOutcome> send(MeshId mesh, MeshCommand command) {
        return core.commands().execute(request(mesh, command), TIMEOUT);
    }

    CommandOutcome execute(MeshId mesh, MeshCommand command) {
        return Await.get(send(mesh, command));
    }

    /** A command that must be accepted. */
    Position accept(MeshId mesh, MeshCommand command) {
        return accepted(execute(mesh, command));
    }

    static Position accepted(CommandOutcome outcome) {
        if (outcome instanceof CommandOutcome.Accepted accepted) {
            return accepted.position();
        }
        throw new AssertionError("not accepted: " + outcome);
    }

    Position create(MeshId mesh) {
        return accept(mesh, new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
    }

    /** Writes one event; each with another {@code value}. */
    static MeshCommand label(String value) {
        return new MeshCommand.UpdateNamespace(
                "default", NamespaceSpec.newBuilder().putLabels("value", value).build());
    }

    MeshState latest(MeshId mesh) {
        return found(Await.get(core.states().latest(mesh, Optional.empty(), TIMEOUT)));
    }

    static MeshState found(MeshStates.Read read) {
        if (read instanceof MeshStates.Read.Found(var state)) {
            return state;
        }
        throw new AssertionError("not found: " + read);
    }

    /** Everything, from seq 1. */
    List<EventEnvelope> log(MeshId mesh) {
        List<EventEnvelope> log = new ArrayList<>();
        for (; ; ) {
            List<EventEnvelope> more = Await.get(core.log().read(mesh, log.size(), 1000));
            if (more.isEmpty()) {
                return log;
            }
            log.addAll(more);
        }
    }

    @Override
    public void close() {
        system.terminate();
        Await.get(system.getWhenTerminated());
        core.close();
    }
}
