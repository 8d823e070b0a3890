package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.delete;
import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static io.meridian.model.mesh.BranchEntry.Assessment.CONFLICT;
import static io.meridian.model.mesh.BranchEntry.Assessment.DUPLICATE;
import static io.meridian.model.mesh.BranchEntry.Assessment.REAPPLIABLE;
import static io.meridian.model.mesh.BranchEntry.Assessment.TECHNICAL;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BranchAssessorTest {
    private static final ResourceKey REVIEWS = virtualService("default", "reviews");
    private static final ResourceKey RATINGS = virtualService("default", "ratings");

    @Test
    void whatNobodyTouchedSinceIsReappliableAndSoIsWhatBuildsOnIt() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old
                .apply(put(REVIEWS, "{\"v\":2}"))
                .apply(put(RATINGS, "{\"v\":1}"))
                .apply(put(RATINGS, "{\"v\":2}"), put(REVIEWS, "{\"v\":3}"))
                .apply(delete(RATINGS))
                .withCluster("k8s-1")
                .withIngressGateway("edge", "k8s-1");
        mesh.now.apply(put(virtualService("default", "details"), "{\"v\":1}"));

        List<BranchEntry> entries = mesh.assess();

        assertThat(entries).hasSize(6).allSatisfy(entry -> {
            assertThat(entry.assessment()).as(entry.why()).isEqualTo(REAPPLIABLE);
            assertThat(entry.resolution()).isEqualTo(BranchEntry.Resolution.OPEN);
            assertThat(entry.operatorOnly()).isFalse();
        });
        assertThat(entries.getFirst().commandId())
                .isEqualTo(mesh.tail().getFirst().header().getCommandId());
        assertThat(entries.getFirst().first()).isEqualTo(mesh.tail().getFirst().position());
        assertThat(entries.getLast().last()).isEqualTo(mesh.tail().getLast().position());
    }

    @Test
    void aChangeOfTheSameObjectConflictsAndIsNamedWithItsPosition() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        mesh.now.apply(put(REVIEWS, "{\"v\":9}"));

        assertConflict(mesh, "VirtualService default/reviews", mesh.head().toString());
    }

    @Test
    void anObjectThatBothCreatedConflicts() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(REVIEWS, "{\"v\":1}"));
        mesh.now.apply(put(REVIEWS, "{\"v\":1}"));

        assertConflict(
                mesh, "VirtualService default/reviews", "created", mesh.head().toString());
    }

    @Test
    void anObjectThatIsGoneConflicts() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        mesh.now.apply(delete(REVIEWS));

        assertConflict(mesh, "VirtualService default/reviews", "not there any more");
    }

    @Test
    void anObjectThatCameAndWentOnTheCurrentBranchIsNoConflict() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(REVIEWS, "{\"v\":1}"));
        mesh.now.apply(put(REVIEWS, "{\"v\":9}")).apply(delete(REVIEWS));

        assertThat(mesh.assess()).extracting(BranchEntry::assessment).containsExactly(REAPPLIABLE);
    }

    @Test
    void partsOfTheMeshConflictLikeObjects() {
        Diverged mesh = new Diverged(mesh("bookinfo").withCluster("k8s-1"));
        mesh.old.accept(new MeshCommand.UpdateCluster("k8s-1", zone("a")));
        mesh.now.accept(new MeshCommand.UpdateCluster("k8s-1", zone("b")));

        assertConflict(mesh, "cluster k8s-1", mesh.head().toString());
    }

    @Test
    void aCommandWhoseClientAskedAgainIsADuplicateAndWhatFollowsItIsNot() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        CommandRequest first = mesh.old.request(apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.send(first);
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        mesh.now.send(first);

        List<BranchEntry> entries = mesh.assess();

        assertThat(entries).extracting(BranchEntry::assessment).containsExactly(DUPLICATE, REAPPLIABLE);
        assertThat(entries.getFirst().resolution()).isEqualTo(BranchEntry.Resolution.NOT_NEEDED);
        assertThat(entries.getFirst().why()).contains(mesh.head().toString());
    }

    @Test
    void aDuplicateExcusesOnlyItsOwnChanges() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        CommandRequest first = mesh.old.request(apply(put(RATINGS, "{\"v\":1}")));
        mesh.old.send(first);
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        mesh.now.accept(apply(put(REVIEWS, "{\"v\":1}"), put(RATINGS, "{\"v\":0}")));
        mesh.now.apply(labelled(REVIEWS, "{\"v\":1}")).apply(delete(RATINGS));
        mesh.now.send(first);

        assertThat(mesh.assess()).extracting(BranchEntry::assessment).containsExactly(DUPLICATE, CONFLICT);
    }

    @Test
    void whatADuplicateChangedAfterwardsConflictsWithWhatPrecedesIt() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        CommandRequest second = mesh.old.request(apply(put(REVIEWS, "{\"v\":3}")));
        mesh.old.send(second);
        mesh.now.send(second);

        assertThat(mesh.assess()).extracting(BranchEntry::assessment).containsExactly(CONFLICT, DUPLICATE);
    }

    @Test
    void anIdThatIsUsedForAnotherCommandIsNoDuplicate() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.send(mesh.old.request("id-1", apply(put(REVIEWS, "{\"v\":1}"))));
        mesh.now.send(mesh.now.request("id-1", apply(put(RATINGS, "{\"v\":1}"))));

        assertConflict(mesh, "another command", mesh.head().toString());
    }

    @Test
    void theLogsOwnIsTechnical() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.record(new MeshEvent.HandoverStarted("ap-1")).record(new MeshEvent.HandoverAborted("ap-1", "lost"));

        List<BranchEntry> entries = mesh.assess();

        assertThat(entries).extracting(BranchEntry::assessment).containsExactly(TECHNICAL, TECHNICAL);
        assertThat(entries).extracting(BranchEntry::resolution).containsOnly(BranchEntry.Resolution.NOT_NEEDED);
    }

    @Test
    void whatBuildsOnAConflictConflicts() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}"), put(RATINGS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"), put(RATINGS, "{\"v\":2}")).apply(put(RATINGS, "{\"v\":3}"));
        mesh.now.apply(put(REVIEWS, "{\"v\":9}"));

        List<BranchEntry> entries = mesh.assess();

        assertThat(entries).extracting(BranchEntry::assessment).containsExactly(CONFLICT, CONFLICT);
        assertThat(entries.getLast().why())
                .contains(
                        "builds on",
                        "VirtualService default/ratings",
                        entries.getFirst().last().toString());
    }

    @Test
    void whatWouldBeRefusedNowConflictsForThatReason() {
        Diverged mesh = new Diverged(mesh("bookinfo").withNamespace("shop"));
        mesh.old.apply(put(virtualService("shop", "cart"), "{\"v\":1}"));
        mesh.now.accept(new MeshCommand.DeleteNamespace("shop"));

        assertConflict(mesh, "refused now", "there is no namespace 'shop'");
    }

    @Test
    void theDeletionOfANamespaceConflictsWithWhatCameIntoItSince() {
        Diverged mesh = new Diverged(mesh("bookinfo").withNamespace("shop"));
        mesh.old.accept(new MeshCommand.DeleteNamespace("shop"));
        mesh.now.apply(put(virtualService("shop", "cart"), "{\"v\":1}"));

        assertConflict(mesh, "VirtualService shop/cart", mesh.head().toString());
    }

    @Test
    void theDeletionOfAMeshConflictsWithAnyChangeSince() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.accept(new MeshCommand.DeleteMesh());
        mesh.now.apply(put(REVIEWS, "{\"v\":1}"));

        assertConflict(mesh, "VirtualService default/reviews", mesh.head().toString());
    }

    @Test
    void aCommandOfManyEventsIsOneEntry() {
        Diverged mesh =
                new Diverged(mesh("bookinfo").withNamespace("shop").apply(put(virtualService("shop", "cart"), "{}")));
        mesh.old.accept(new MeshCommand.DeleteNamespace("shop"));

        assertThat(mesh.assess()).singleElement().satisfies(entry -> {
            assertThat(entry.assessment()).as(entry.why()).isEqualTo(REAPPLIABLE);
            assertThat(entry.last().seq()).isEqualTo(entry.first().seq() + 1);
        });
    }

    @Test
    void aTornCommandConflicts() {
        Diverged mesh =
                new Diverged(mesh("bookinfo").withNamespace("shop").apply(put(virtualService("shop", "cart"), "{}")));
        mesh.old.accept(new MeshCommand.DeleteNamespace("shop"));
        List<EventEnvelope> torn = mesh.tail().subList(0, 1);

        List<BranchEntry> entries = new BranchAssessor(mesh.now.decider()).assess(mesh.now.state(), mesh.fork, torn);

        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(entry.assessment()).isEqualTo(CONFLICT);
            assertThat(entry.why()).contains("its last 1 of 2 events are missing");
        });
    }

    @Test
    void aCommandThatTheForkRunsThroughConflicts() {
        var old = mesh("bookinfo").withNamespace("shop").apply(put(virtualService("shop", "cart"), "{}"));
        old.accept(new MeshCommand.DeleteNamespace("shop"));
        Diverged mesh = new Diverged(old, old.state().head().position().seq() - 1);

        assertConflict(mesh, "its first events are on the current branch");
    }

    @Test
    void whatCannotBeReadConflictsAndHoldsUpWhatFollows() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        EventEnvelope unknown = EventEnvelope.seal(
                EventHeader.newBuilder()
                        .setMesh("bookinfo")
                        .setEpoch(mesh.fork.position().epoch().value())
                        .setSeq(mesh.fork.position().seq() + 1)
                        .setPrevHash(mesh.fork.hash().bytes())
                        .setType("CanaryStarted")
                        .setSchemaVersion(1)
                        .setCommandId("c")
                        .setEventsInCommand(1)
                        .build(),
                ByteString.EMPTY);
        mesh.old.apply(put(REVIEWS, "{}"));
        List<EventEnvelope> tail = new ArrayList<>(List.of(unknown));
        tail.addAll(mesh.tail());

        List<BranchEntry> entries = new BranchAssessor(mesh.now.decider()).assess(mesh.now.state(), mesh.fork, tail);

        assertThat(entries).extracting(BranchEntry::assessment).containsExactly(CONFLICT, CONFLICT);
        assertThat(entries.getFirst().operatorOnly()).isTrue();
        assertThat(entries.getLast().why()).contains(unknown.position().toString());
    }

    private static void assertConflict(Diverged mesh, String... why) {
        assertThat(mesh.assess()).singleElement().satisfies(entry -> {
            assertThat(entry.assessment()).isEqualTo(CONFLICT);
            assertThat(entry.resolution()).isEqualTo(BranchEntry.Resolution.OPEN);
            assertThat(entry.why()).contains(why);
        });
    }

    private static MeshCommand apply(MeshCommand.ResourceIntent... intents) {
        return new MeshCommand.ApplyResources(List.of(intents));
    }

    private static MeshCommand.Put labelled(ResourceKey key, String spec) {
        MeshCommand.Put put = put(key, spec);
        return new MeshCommand.Put(
                key, put.origin(), put.apiVersion(), Map.of("team", "a"), Map.of(), put.spec(), Optional.empty());
    }

    private static ClusterSpec zone(String zone) {
        return ClusterSpec.newBuilder().setZone(zone).build();
    }
}
