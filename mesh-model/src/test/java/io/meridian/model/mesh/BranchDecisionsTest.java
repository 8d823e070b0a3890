package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import io.meridian.api.type.v1.MeshSpec.MtlsMode;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.BranchEntry.Resolution;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class BranchDecisionsTest {
    private static final ResourceKey REVIEWS = virtualService("default", "reviews");
    private static final ResourceKey RATINGS = virtualService("default", "ratings");

    @Test
    void aReappliedEventKeepsItsCommandIdAndCitesWhereItStood() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.send(mesh.old.request("alice-1", apply(REVIEWS, "{\"v\":1}")));
        mesh.recorded();

        CommandOutcome outcome = mesh.now.send(mesh.now.request("operator-1", mesh.reapply(mesh.entry(0), false)));

        assertThat(outcome).isInstanceOf(CommandOutcome.Accepted.class);
        EventEnvelope written = mesh.now.log().getLast();
        EventEnvelope original = mesh.tail().getFirst();
        assertThat(written.header().getCommandId()).isEqualTo("alice-1");
        assertThat(written.header().getCommandFingerprint())
                .isEqualTo(original.header().getCommandFingerprint());
        assertThat(Position.of(written.header().getReapplies())).isEqualTo(original.position());
        assertThat(written.payload().toStringUtf8()).contains("{\"v\":1}");
        assertThat(mesh.now.resource(REVIEWS).uid())
                .isEqualTo(mesh.old.resource(REVIEWS).uid());
        assertThat(mesh.entry(0).resolution()).isEqualTo(Resolution.REAPPLIED);
        assertThat(mesh.entry(0).reappliedAt()).contains(written.position());
    }

    @Test
    void theClientsRetryIsRecognisedOnceItsCommandWasBroughtBack() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        CommandRequest request = mesh.old.request("alice-1", apply(REVIEWS, "{\"v\":1}"));
        mesh.old.send(request);
        mesh.recorded().now.accept(mesh.reapply(mesh.entry(0), false));
        MeshState before = mesh.now.state();

        CommandOutcome retry = mesh.now.send(request);

        assertThat(retry)
                .isEqualTo(new CommandOutcome.Accepted(before.head().position(), List.of(), true, false, List.of()));
        assertThat(mesh.now.state()).isEqualTo(before);
    }

    @Test
    void theOperatorsRetryIsRecognisedByTheEntry() {
        Diverged mesh = reviewsOnTheBranch();
        CommandRequest request = mesh.now.request("operator-1", mesh.reapply(mesh.entry(0), false));
        mesh.now.send(request);
        MeshState before = mesh.now.state();

        CommandOutcome retry = mesh.now.send(request);

        assertThat(retry)
                .isEqualTo(new CommandOutcome.Accepted(before.head().position(), List.of(), true, false, List.of()));
        assertThat(mesh.now.state()).isEqualTo(before);
    }

    @Test
    void theClientsOwnRetryBringsItsEntryBack() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        CommandRequest request = mesh.old.request("alice-1", apply(REVIEWS, "{\"v\":1}"));
        mesh.old.send(request);
        mesh.recorded();

        mesh.now.send(request);

        assertThat(mesh.entry(0).resolution()).isEqualTo(Resolution.REAPPLIED);
        assertThat(mesh.entry(0).reappliedAt()).contains(mesh.head());
    }

    @Test
    void aRetryBetweenAssessmentAndRecordBringsItsEntryBackToo() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        CommandRequest request = mesh.old.request("alice-1", apply(REVIEWS, "{\"v\":1}"));
        mesh.old.send(request);
        List<BranchEntry> entries = mesh.assess();
        mesh.now.send(request);
        Position retried = mesh.head();

        mesh.now.record(
                new MeshEvent.DivergentBranchDetected(mesh.branchName(), "eu-1", mesh.fork, mesh.tail(), entries));

        assertThat(mesh.entry(0).reappliedAt()).contains(retried);
    }

    @Test
    void aConflictIsRefusedUnlessForced() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}"));
        mesh.now.apply(put(REVIEWS, "{\"v\":9}"));
        mesh.recorded();

        assertThat(code(mesh, mesh.reapply(mesh.entry(0), false))).isEqualTo(RejectionCode.BRANCH_CONFLICT);
        mesh.now.accept(mesh.reapply(mesh.entry(0), true));

        assertThat(mesh.now.resource(REVIEWS).spec()).isEqualTo(ByteString.copyFromUtf8("{\"v\":2}"));
        assertThat(mesh.entry(0).resolution()).isEqualTo(Resolution.REAPPLIED);
    }

    @Test
    void aForcedEntryIsStillJudgedByTheRulesOfItsCommand() {
        Diverged mesh = new Diverged(mesh("bookinfo").withNamespace("shop"));
        mesh.old.apply(put(virtualService("shop", "cart"), "{}"));
        mesh.now.accept(new MeshCommand.DeleteNamespace("shop"));
        mesh.recorded();

        assertThat(code(mesh, mesh.reapply(mesh.entry(0), true))).isEqualTo(RejectionCode.NAMESPACE_NOT_FOUND);
        assertThat(mesh.entry(0).isOpen()).isTrue();
    }

    @Test
    void aChangeSinceTheAssessmentIsAConflict() {
        Diverged mesh = reviewsOnTheBranch();
        mesh.now.apply(put(REVIEWS, "{\"v\":9}"));

        assertThat(mesh.entry(0).assessment()).isEqualTo(BranchEntry.Assessment.REAPPLIABLE);
        assertThat(code(mesh, mesh.reapply(mesh.entry(0), false))).isEqualTo(RejectionCode.BRANCH_CONFLICT);
    }

    @Test
    void whatBuildsOnADiscardedEntryIsAConflict() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(REVIEWS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":2}")).apply(put(REVIEWS, "{\"v\":3}"));
        mesh.recorded();
        mesh.now.accept(discard(mesh, mesh.entry(0)));

        assertThat(code(mesh, mesh.reapply(mesh.entry(1), false))).isEqualTo(RejectionCode.BRANCH_CONFLICT);
    }

    @Test
    void whatWeakensTheMeshIsRefusedUnlessForced() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.accept(new MeshCommand.UpdateMesh(
                MeshSpec.newBuilder().setMtlsMode(MtlsMode.MTLS_DISABLE).build()));
        mesh.recorded();

        assertThat(code(mesh, mesh.reapply(mesh.entry(0), false))).isEqualTo(RejectionCode.BRANCH_ENTRY_FOR_OPERATOR);
        mesh.now.accept(mesh.reapply(mesh.entry(0), true));

        assertThat(mesh.now.state().spec().getMtlsMode()).isEqualTo(MtlsMode.MTLS_DISABLE);
    }

    @Test
    void whatBuildsOnAWeakeningStaysForTheOperator() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        MeshSpec weak = MeshSpec.newBuilder().setMtlsMode(MtlsMode.MTLS_DISABLE).build();
        mesh.old.accept(new MeshCommand.UpdateMesh(weak));
        mesh.old.accept(new MeshCommand.UpdateMesh(
                weak.toBuilder().setDisplayName("and more").build()));
        mesh.recorded().now.accept(mesh.reapply(mesh.entry(0), true));

        assertThat(code(mesh, mesh.reapply(mesh.entry(1), false))).isEqualTo(RejectionCode.BRANCH_ENTRY_FOR_OPERATOR);
    }

    @Test
    void whatIsSoAlreadyIsResolvedByANote() {
        Diverged mesh = reviewsOnTheBranch();
        mesh.now.apply(put(REVIEWS, "{\"v\":1}"));
        mesh.now.accept(mesh.reapply(mesh.entry(0), true));

        EventEnvelope note = mesh.now.log().getLast();
        assertThat(mesh.entry(0).reappliedAt()).contains(note.position());
        assertThat(note.header().getCommandId()).isEqualTo(mesh.entry(0).commandId());
        assertThat(note.payload()).isEqualTo(ByteString.EMPTY);
    }

    @Test
    void onlyTheEntrysOwnUnbrokenEventsAreTaken() {
        Diverged mesh =
                new Diverged(mesh("bookinfo").withNamespace("shop").apply(put(virtualService("shop", "a"), "{}")));
        mesh.old.apply(put(REVIEWS, "{\"v\":1}")).accept(new MeshCommand.DeleteNamespace("shop"));
        mesh.recorded();
        EventEnvelope first = mesh.tail().get(0);
        EventEnvelope second = mesh.tail().get(1);
        EventEnvelope third = mesh.tail().get(2);
        EventEnvelope changed = new EventEnvelope(first.header(), first.headerBytes(), ByteString.EMPTY, first.hash());
        EventEnvelope elsewhere = EventEnvelope.seal(
                first.header().toBuilder()
                        .setPrevHash(Hash.of(ByteString.EMPTY).bytes())
                        .build(),
                first.payload());
        EventEnvelope forged = EventEnvelope.seal(third.header(), ByteString.copyFromUtf8("\n\u0001x"));

        assertRefused(mesh, mesh.entry(0), List.of());
        assertRefused(mesh, mesh.entry(0), List.of(second));
        assertRefused(mesh, mesh.entry(0), List.of(changed));
        assertRefused(mesh, mesh.entry(0), List.of(elsewhere));
        assertRefused(mesh, mesh.entry(1), List.of(second));
        assertRefused(mesh, mesh.entry(1), List.of(third, second));
        assertRefused(mesh, mesh.entry(1), List.of(second, forged));
        mesh.now.accept(mesh.reapply(mesh.entry(0), false)).accept(mesh.reapply(mesh.entry(1), false));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        Diverged mesh = reviewsOnTheBranch();
        Position nowhere = mesh.head();

        assertThat(code(mesh, new MeshCommand.DiscardBranch("1-99", List.of())))
                .isEqualTo(RejectionCode.BRANCH_NOT_FOUND);
        assertThat(code(mesh, new MeshCommand.DiscardBranch(mesh.branchName(), List.of(nowhere))))
                .isEqualTo(RejectionCode.BRANCH_ENTRY_NOT_FOUND);
        assertThat(code(mesh, new MeshCommand.ReapplyBranch("1-99", nowhere, mesh.tail(), false)))
                .isEqualTo(RejectionCode.BRANCH_NOT_FOUND);
        assertThat(code(mesh, new MeshCommand.ReapplyBranch(mesh.branchName(), nowhere, mesh.tail(), false)))
                .isEqualTo(RejectionCode.BRANCH_ENTRY_NOT_FOUND);
    }

    @Test
    void discardingGivesUpTheOpenOnesAndIsFinal() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(REVIEWS, "{}")).apply(put(RATINGS, "{}")).withNamespace("shop");
        mesh.recorded();
        mesh.now.accept(mesh.reapply(mesh.entry(0), false));
        mesh.now.accept(discard(mesh, mesh.entry(1)));
        mesh.now.accept(new MeshCommand.DiscardBranch(mesh.branchName(), List.of()));

        assertThat(mesh.branch().entries())
                .extracting(BranchEntry::resolution)
                .containsExactly(Resolution.REAPPLIED, Resolution.DISCARDED, Resolution.DISCARDED);
        assertThat(code(mesh, mesh.reapply(mesh.entry(1), true))).isEqualTo(RejectionCode.BRANCH_ENTRY_RESOLVED);
        assertThat(code(mesh, discard(mesh, mesh.entry(0)))).isEqualTo(RejectionCode.BRANCH_ENTRY_RESOLVED);
        assertThat(mesh.now.send(discard(mesh, mesh.entry(1))))
                .isInstanceOfSatisfying(
                        CommandOutcome.Accepted.class,
                        accepted -> assertThat(accepted.unchanged()).isTrue());
    }

    @Test
    void theCreationOfAMeshComesBackToo() {
        MeshFixture old = MeshFixture.absent("bookinfo", new PermissiveRules());
        old.accept(new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
        Diverged mesh = new Diverged(old, 1);

        // The log's opening is common; the command that came with it is torn by the fork.
        mesh.recorded();

        assertThat(mesh.entry(0).why()).contains("its first events are on the current branch");
        mesh.now.accept(mesh.reapply(mesh.entry(0), true));
        assertThat(mesh.now.state().isActive()).isTrue();
    }

    @Test
    void aBranchOutlivesTheMesh() {
        Diverged mesh = reviewsOnTheBranch();

        mesh.now.accept(new MeshCommand.DeleteMesh());

        assertThat(mesh.branch().openEntries()).hasSize(1);
        assertThat(mesh.now.state().lineage().segments()).hasSize(2);
        mesh.now.accept(new MeshCommand.DiscardBranch(mesh.branchName(), List.of()));
        assertThat(mesh.branch().openEntries()).isEmpty();
    }

    @Test
    void thePolicyTakesOnlyWhatNeedsNobody() {
        Diverged mesh = new Diverged(mesh("bookinfo").apply(put(RATINGS, "{\"v\":1}")));
        mesh.old.apply(put(REVIEWS, "{}")).apply(put(RATINGS, "{\"v\":2}"));
        mesh.old.accept(new MeshCommand.UpdateMesh(
                MeshSpec.newBuilder().setMtlsMode(MtlsMode.MTLS_DISABLE).build()));
        mesh.now.apply(put(RATINGS, "{\"v\":9}"));
        mesh.recorded();

        assertThat(BranchPolicy.automatic(DivergencePolicy.MANUAL, mesh.branch()))
                .isEqualTo(BranchPolicy.Automatic.NOTHING);
        assertThat(BranchPolicy.automatic(DivergencePolicy.REAPPLY_NON_CONFLICTING, mesh.branch()))
                .isEqualTo(new BranchPolicy.Automatic(List.of(mesh.entry(0)), List.of()));
        assertThat(BranchPolicy.automatic(DivergencePolicy.DISCARD, mesh.branch()))
                .isEqualTo(new BranchPolicy.Automatic(List.of(), mesh.branch().entries()));
    }

    private static Diverged reviewsOnTheBranch() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(REVIEWS, "{\"v\":1}"));
        return mesh.recorded();
    }

    private static void assertRefused(Diverged mesh, BranchEntry entry, List<EventEnvelope> envelopes) {
        var command = new MeshCommand.ReapplyBranch(mesh.branchName(), entry.last(), envelopes, true);

        assertThat(mesh.now.send(command)).isInstanceOfSatisfying(CommandOutcome.Rejected.class, rejected -> {
            assertThat(rejected.violations().getFirst().code()).isEqualTo(RejectionCode.INVALID_FIELD);
            assertThat(rejected.violations().getFirst().field()).isEqualTo("envelopes");
        });
    }

    private static RejectionCode code(Diverged mesh, MeshCommand command) {
        CommandOutcome outcome = mesh.now.send(command);
        assertThat(outcome).isInstanceOf(CommandOutcome.Rejected.class);
        return ((CommandOutcome.Rejected) outcome).violations().getFirst().code();
    }

    private static MeshCommand discard(Diverged mesh, BranchEntry entry) {
        return new MeshCommand.DiscardBranch(mesh.branchName(), List.of(entry.last()));
    }

    private static MeshCommand apply(ResourceKey key, String spec) {
        return new MeshCommand.ApplyResources(List.of(put(key, spec)));
    }
}
