package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Region us-1 takes over what eu-1 (a fixture) wrote. Each test has a mesh of its own. */
@ParameterizedClass
@EnumSource
class ReplicasTest {
    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    static Path data;

    @SuppressWarnings("NullAway.Init")
    private static TestRegion region;

    @BeforeParameterizedClassInvocation
    static void start(JournalKind kind) {
        FakePeers peers = new FakePeers();
        peers.add(TestRegion.EU).reachable = false;
        region = TestRegion.start(TestRegion.US, kind, data.resolve(kind.name()), peers);
    }

    @AfterParameterizedClassInvocation
    static void end() {
        region.close();
    }

    @Test
    void aReplicaIsByteIdentical() {
        MeshFixture home = MeshFixture.mesh("identical").withCluster("k8s-1").withNamespace("a");

        Replicas.Appended appended = append(home, home.log());

        assertThat(appended).isEqualTo(new Replicas.Appended(home.state().head(), null));
        assertThat(region.log(home.state().id())).isEqualTo(home.log());
        assertThat(region.log(home.state().id()).getLast().toProto().toByteArray())
                .isEqualTo(home.log().getLast().toProto().toByteArray());
        assertThat(SnapshotCodec.stateHash(region.latest(home.state().id())))
                .isEqualTo(SnapshotCodec.stateHash(home.state()));
    }

    @Test
    void duplicatesAreAcknowledgedAndDropped() {
        MeshFixture home = MeshFixture.mesh("duplicates");
        append(home, home.log());
        home.withNamespace("a");

        Replicas.Appended again = append(home, home.log());

        assertThat(again).isEqualTo(new Replicas.Appended(home.state().head(), null));
        assertThat(region.log(home.state().id())).isEqualTo(home.log());
    }

    @Test
    void aGapIsNamedAndWhatPrecedesItIsStored() {
        MeshFixture home = MeshFixture.mesh("gap").withNamespace("a").withNamespace("b");
        List<EventEnvelope> torn = new ArrayList<>(home.log());
        torn.remove(4);

        Replicas.Appended appended = append(home, torn);

        assertThat(appended).isEqualTo(new Replicas.Appended(home.log().get(3).head(), new Acceptance.Gap(5)));
        assertThat(region.log(home.state().id())).isEqualTo(home.log().subList(0, 4));
    }

    @Test
    void anotherEventAtAStoredPlaceStopsReplicationAndOverwritesNothing() {
        MeshFixture home = MeshFixture.mesh("conflict").withNamespace("a");
        append(home, home.log());
        MeshFixture other = MeshFixture.mesh("conflict").withNamespace("b").withNamespace("c");

        Replicas.Appended appended = append(other, other.log().subList(4, 6));

        assertThat(appended.stopped()).isInstanceOf(Acceptance.Conflict.class);
        assertThat(appended.head()).isEqualTo(home.state().head());
        assertThat(region.log(home.state().id())).isEqualTo(home.log());
    }

    @Test
    void anEventWhoseBytesContradictItsHashIsNotStored() {
        MeshFixture home = MeshFixture.mesh("forged");
        EventEnvelope last = home.log().getLast();
        List<EventEnvelope> forged = new ArrayList<>(home.log().subList(0, 3));
        forged.add(new EventEnvelope(
                last.header(), last.headerBytes(), last.payload().concat(ByteString.copyFromUtf8("x")), last.hash()));

        assertThat(append(home, forged).stopped()).isInstanceOf(Acceptance.Conflict.class);
        assertThat(region.log(home.state().id())).hasSize(3);
    }

    @Test
    void aNewEpochOpensASegmentOfItsOwn() {
        MeshFixture home = MeshFixture.mesh("segments").withNamespace("a");
        EventEnvelope opened = opening(home);
        EventEnvelope within =
                next(opened, "NamespaceCreated", home.log().getLast().payload());

        Replicas.Appended appended = append(home, concat(home.log(), List.of(opened, within)));

        assertThat(appended).isEqualTo(new Replicas.Appended(within.head(), null));
        assertThat(region.log(home.state().id())).endsWith(opened, within).hasSize(7);
        MeshState state = region.latest(home.state().id());
        assertThat(state.homeRegion()).isEqualTo("ap-1");
        assertThat(state.head()).isEqualTo(within.head());
        assertThat(TestRegion.found(
                        Await.get(region.core().states().at(home.state().id(), 5, TestRegion.TIMEOUT))))
                .isEqualTo(home.state());
    }

    @Test
    void anEpochThatDoesNotOpenItsSegmentIsRefused() {
        MeshFixture home = MeshFixture.mesh("unopened");
        EventEnvelope last = home.log().getLast();
        EventEnvelope jumped = EventEnvelope.seal(
                last.header().toBuilder()
                        .setEpoch(3)
                        .setSeq(5)
                        .setPrevHash(last.hash().bytes())
                        .build(),
                last.payload());

        assertThat(append(home, concat(home.log(), List.of(jumped))).stopped()).isInstanceOf(Acceptance.Conflict.class);
    }

    @Test
    void anEventOfTomorrowIsRelayedUnharmedAndStopsTheFoldOnly() {
        MeshFixture home = MeshFixture.mesh("tomorrow");
        EventEnvelope unknown = next(home.log().getLast(), "SomethingOfTomorrow", ByteString.copyFromUtf8("?"));
        EventEnvelope later =
                next(unknown, "NamespaceCreated", home.log().getLast().payload());

        Replicas.Appended appended = append(home, concat(home.log(), List.of(unknown, later)));

        assertThat(appended).isEqualTo(new Replicas.Appended(later.head(), null));
        assertThat(region.log(home.state().id())).endsWith(unknown, later);
        assertThat(region.core()
                        .states()
                        .latest(home.state().id(), Optional.empty(), TestRegion.TIMEOUT)
                        .toCompletableFuture())
                .failsWithin(TestRegion.TIMEOUT)
                .withThrowableThat()
                .withMessageContaining("cannot read the log of mesh tomorrow beyond position 1.4");
        assertThat(TestRegion.found(
                        Await.get(region.core().states().at(home.state().id(), 4, TestRegion.TIMEOUT))))
                .isEqualTo(home.state());
    }

    @Test
    void aCommandForAReplicatedMeshGoesToItsHome() {
        MeshFixture home = MeshFixture.mesh("foreign");
        append(home, home.log());

        assertThat(region.execute(home.state().id(), new MeshCommand.DeleteMesh()))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.message())
                                .contains("region eu-1, the home of mesh foreign, cannot be reached"));
    }

    @Test
    void aLongLogIsAppendedInPiecesOfAnySizeAndOldEventsAreStillJudged() {
        MeshFixture home = MeshFixture.mesh("long");
        for (int i = 0; i < 300; i++) {
            home.apply(MeshFixture.put(MeshFixture.virtualService("default", "vs"), "{\"hosts\":[\"h" + i + "\"]}"));
        }
        for (int from = 0; from < home.log().size(); from += 77) {
            append(home, home.log().subList(from, Math.min(from + 77, home.log().size())));
        }

        assertThat(append(home, home.log()).stopped()).isNull();
        assertThat(region.log(new MeshId("long"))).isEqualTo(home.log());
    }

    private static Replicas.Appended append(MeshFixture home, List<EventEnvelope> envelopes) {
        return Await.get(region.core()
                .replicas()
                .append(
                        home.state().id(),
                        envelopes.stream()
                                .map(EventEnvelope::epoch)
                                .max(Comparator.naturalOrder())
                                .orElseThrow(),
                        envelopes,
                        TestRegion.TIMEOUT));
    }

    private static List<EventEnvelope> concat(List<EventEnvelope> first, List<EventEnvelope> second) {
        List<EventEnvelope> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static EventEnvelope next(EventEnvelope before, String type, ByteString payload) {
        return EventEnvelope.seal(
                before.header().toBuilder()
                        .setSeq(before.seq() + 1)
                        .setPrevHash(before.hash().bytes())
                        .setType(type)
                        .setCommandId("")
                        .build(),
                payload);
    }

    /** Epoch 3: region ap-1's. */
    static EventEnvelope opening(MeshFixture home) {
        Head head = home.state().head();
        EventCodec.Encoded opened = EventCodec.encode(new MeshEvent.SegmentOpened(
                MeshFixture.EPOCH,
                head.position().seq(),
                MeshEvent.SegmentOpened.Cause.HANDOVER,
                Optional.of(home.state()),
                SnapshotCodec.stateHash(home.state()),
                "ap-1",
                Optional.empty()));
        EventEnvelope before = home.log().getLast();
        return EventEnvelope.seal(
                before.header().toBuilder()
                        .setEpoch(new Epoch(3).value())
                        .setSeq(before.seq() + 1)
                        .setPrevHash(before.hash().bytes())
                        .setType(opened.type())
                        .setSchemaVersion(opened.schemaVersion())
                        .setCommandId("")
                        .build(),
                opened.payload());
    }
}
