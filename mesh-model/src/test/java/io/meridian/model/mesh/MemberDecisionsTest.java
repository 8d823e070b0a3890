package io.meridian.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshCommand.MembersNow;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemberDecisionsTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Member EU = member("eu-1", 1);
    private static final Member US = member("us-1", 2);
    private static final Member AP = member("ap-1", 3);

    private MeshState state = MeshState.empty(MESH);

    MemberDecisionsTest() {
        record(new MeshEvent.SegmentOpened(
                Epoch.NONE,
                0,
                MeshEvent.SegmentOpened.Cause.GENESIS,
                Optional.empty(),
                io.meridian.model.log.Hash.ZERO,
                "eu-1",
                Optional.empty()));
    }

    private static Member member(String name, int index) {
        return new Member(new RegionId(name, index), false);
    }

    /** Through the codec, as a replica gets it. */
    private void record(MeshEvent event) {
        Head head = state.head();
        EventCodec.Encoded encoded = EventCodec.encode(event);
        EventEnvelope envelope = EventEnvelope.seal(
                io.meridian.api.events.v1.EventHeader.newBuilder()
                        .setMesh(MESH.value())
                        .setEpoch(65)
                        .setSeq(head.position().seq() + 1)
                        .setPrevHash(head.hash().bytes())
                        .setType(encoded.type())
                        .setSchemaVersion(encoded.schemaVersion())
                        .setWallTime(Timestamps.toProto(Instant.EPOCH))
                        .build(),
                encoded.payload());
        try {
            state = Evolver.evolve(state, envelope);
        } catch (UnreadableEventException e) {
            throw new AssertionError(e);
        }
    }

    private static MembersNow now(Member... regions) {
        return new MembersNow(List.of(EU, US, AP), List.of(regions), "", "");
    }

    private Decision join(String name, MembersNow now) {
        return MemberDecisions.join(state, new MeshCommand.JoinRegion(name, false, now));
    }

    private Decision leave(String name) {
        return MemberDecisions.leave(state, new MeshCommand.LeaveRegion(name, false, now(EU, US, AP)));
    }

    private void accept(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Accepted.class);
        ((Decision.Accepted) decision).events().forEach(this::record);
    }

    private static Violation refused(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Rejected.class);
        return ((Decision.Rejected) decision).violations().getFirst();
    }

    @Test
    void theFirstChangeNamesTheMembersThatWereConfigured() {
        accept(join("us-2", now(EU, US, AP, member("us-2", 4))));

        Membership membership = state.membership().orElseThrow();
        assertThat(membership.members()).containsExactly(EU, US, AP, member("us-2", 4));
        assertThat(membership.changed()).isEqualTo(new Position(MESH, new Epoch(65), 2));
    }

    @Test
    void anIndexBelongsToItsRegionForEver() {
        accept(leave("ap-1"));

        Violation reused = refused(join("sa-1", now(EU, US, member("sa-1", 3))));
        assertThat(reused.code()).isEqualTo(RejectionCode.REGION_INDEX_REUSED);
        assertThat(reused.message()).contains("belongs to region ap-1 for ever");
        assertThat(refused(join("sa-1", now(EU, US, member("sa-1", 2)))).code())
                .isEqualTo(RejectionCode.REGION_INDEX_REUSED);

        accept(join("ap-1", now(EU, US, member("ap-1", 7))));
        assertThat(state.membership().orElseThrow().former()).containsExactly(AP);
    }

    @Test
    void aRegionThatLeftMayComeBackAsTheSame() {
        accept(leave("ap-1"));
        accept(join("ap-1", now(EU, US, AP)));
        assertThat(state.membership().orElseThrow().members()).containsExactly(EU, US, AP);
        assertThat(state.membership().orElseThrow().former()).isEmpty();
    }

    @Test
    void whatIsSoAlreadyChangesNothing() {
        assertThat(join("us-1", now(EU, US, AP))).isEqualTo(new Decision.Accepted(List.of(), List.of()));
        accept(leave("ap-1"));
        assertThat(leave("ap-1")).isEqualTo(new Decision.Accepted(List.of(), List.of()));
        assertThat(refused(leave("mars")).code()).isEqualTo(RejectionCode.NOT_A_MEMBER);
    }

    @Test
    void aRegionThatIsNotTheHomeCannotTellWhatToJudgeOn() {
        assertThat(refused(MemberDecisions.leave(state, new MeshCommand.LeaveRegion("us-1", false)))
                        .code())
                .isEqualTo(RejectionCode.NOT_A_MEMBER);
    }

    @Test
    void theMembersArePartOfTheSnapshot() {
        accept(join("w-1", now(EU, US, AP, new Member(new RegionId("w-1", 5), true))));
        accept(leave("ap-1"));
        assertThat(SnapshotCodec.toState(SnapshotCodec.toProto(state))).isEqualTo(state);
    }

    private Decision durability(int syncReplicas, Member... configured) {
        MeshSpec spec = MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas))
                .build();
        return MeshDecisions.update(
                state, new MeshCommand.UpdateMesh(spec, List.of("durability.sync_replicas"), List.of(configured)));
    }

    private void created(int syncReplicas, Member... configured) {
        MeshSpec spec = MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas))
                .build();
        accept(MeshDecisions.create(state, new MeshCommand.CreateMesh(spec, List.of(configured)), "create"));
    }

    @Test
    void noMoreReplicasAreAskedForThanThereAreMembersThatKeepEvents() {
        Member witness = new Member(new RegionId("w-1", 4), true);
        created(0, EU, US);

        assertThat(durability(1, EU, US)).isInstanceOf(Decision.Accepted.class);
        Violation tooMany = refused(durability(2, EU, US, witness));
        assertThat(tooMany.code()).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        assertThat(tooMany.field()).isEqualTo("spec.durability.sync_replicas");
        assertThat(tooMany.message())
                .isEqualTo(
                        "is 2; mesh bookinfo has 1 member besides its home that keeps events, so 0 to 1 are possible;"
                                + " let another region join first");
        assertThat(refused(durability(1, EU, witness)).message()).contains("0 to 0");
    }

    @Test
    void theMembersInTheLogCountNotThoseThatAreConfigured() {
        created(0, EU, US, AP);
        accept(leave("ap-1"));

        assertThat(refused(durability(2, EU, US, AP)).code()).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        assertThat(durability(1, EU, US, AP)).isInstanceOf(Decision.Accepted.class);
    }

    @Test
    void aMeshIsNotCreatedWithMoreReplicasThanThereAre() {
        MeshSpec spec = MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(2))
                .build();

        Decision decision = MeshDecisions.create(state, new MeshCommand.CreateMesh(spec, List.of(EU, US)), "create");

        assertThat(refused(decision).field()).isEqualTo("spec.durability.sync_replicas");
    }

    @Test
    void whatWasSetBeforeDoesNotStandInTheWayOfOtherChanges() {
        created(2, EU, US, AP);
        MeshSpec named = MeshSpec.newBuilder().setDisplayName("Books").build();

        assertThat(MeshDecisions.update(
                        state, new MeshCommand.UpdateMesh(named, List.of("display_name"), List.of(EU, US))))
                .isInstanceOf(Decision.Accepted.class);
        assertThat(durability(1, EU, US)).isInstanceOf(Decision.Accepted.class);
    }
}
