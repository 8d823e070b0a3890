package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.fixture.MeshFixture;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.model.log.Acceptance;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeMessageSerializerTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final MeshFixture MESH = MeshFixture.mesh("bookinfo").withCluster("k8s-1");

    private final NodeMessageSerializer serializer =
            new NodeMessageSerializer((ExtendedActorSystem) Adapter.toClassic(KIT.system()));

    @AfterAll
    static void end() {
        KIT.shutdownTestKit();
    }

    static Stream<MeshMessage.Travelling> messages() {
        MeshMessage.Append append = new MeshMessage.Append(
                new Epoch(66), MESH.log(), KIT.<MeshMessage.AppendReply>createTestProbe().ref());
        return Stream.of(
                new MeshMessage.Execute(
                        MESH.request(new MeshCommand.RemoveCluster("k8s-1")),
                        new Epoch(66),
                        Duration.ofMillis(1234),
                        KIT.<MeshMessage.CommandReply>createTestProbe().ref()),
                append,
                new MeshMessage.Acknowledged("us-1", MESH.state().head()),
                new MeshMessage.GetState(
                        KIT.<MeshMessage.StateReply>createTestProbe().ref()),
                MeshMessage.Stop.INSTANCE,
                MeshMessage.Poke.INSTANCE,
                new MeshMessage.Call(
                        PromiseRequest.newBuilder().setMesh("bookinfo").build(),
                        KIT.<MeshMessage.CallReply>createTestProbe().ref()),
                new MeshMessage.CallAnswer(
                        PromiseResponse.newBuilder().setGranted(true).build()),
                new MeshMessage.CallStep("draining"),
                new MeshMessage.CallFailed("broken"),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.Fork(3)),
                new MeshMessage.Outcome(
                        new CommandOutcome.Accepted(MESH.state().head().position(), List.of(), true, false, List.of())),
                new MeshMessage.Outcome(new CommandOutcome.Rejected(
                        List.of(new Violation(RejectionCode.MESH_NOT_FOUND, "mesh x", "", "none")))),
                new MeshMessage.Outcome(new CommandOutcome.Unavailable("later", Duration.ofMillis(200))),
                new MeshMessage.Outcome(new CommandOutcome.Unknown("cmd-1", "who knows")),
                new MeshMessage.NotHome(new Epoch(66)),
                new MeshMessage.CommandFailed("broken"),
                new MeshMessage.Appended(MESH.state().head(), null),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.Append()),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.Duplicate()),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.Gap(7)),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.StaleEpoch(new Epoch(66))),
                new MeshMessage.Appended(MESH.state().head(), new Acceptance.Conflict("other bytes")),
                new MeshMessage.AppendFailed("broken"),
                new MeshMessage.CurrentState(LogState.of(MESH.state())),
                new MeshMessage.StateFailed("damaged"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatGoesToAnotherNodeArrivesThere(MeshMessage.Travelling message) throws NotSerializableException {
        assertThat(serializer.fromBinary(serializer.toBinary(message), serializer.manifest(message)))
                .isEqualTo(message);
    }

    @Test
    void garbageIsRefused() {
        assertThatThrownBy(() -> serializer.fromBinary(new byte[] {0, 0, 0, 99}, "Outcome1"))
                .isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "Outcome9"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("Outcome9");
    }
}
