package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.Member;
import io.meridian.api.events.v1.MembersNote;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import io.meridian.api.replication.v1.Head;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.ReadLogRequest;
import io.meridian.api.replication.v1.Refused;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.api.type.v1.Position;
import io.meridian.core.PeerCalls;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What regions ask of each other beside events and commands, over gRPC. */
@Timeout(60)
class CallsTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final MemoryRegion eu = new MemoryRegion("eu-1", 1);
    private final MemoryRegion us = new MemoryRegion("us-1", 2);
    private final Chain chain = new Chain(BOOKINFO).add(Epoch.NONE.next(1), 10);

    @BeforeEach
    void start() {
        eu.logs().write(BOOKINFO, chain.events());
        eu.start(us);
        us.start(eu);
    }

    @AfterEach
    void stop() {
        eu.close();
        us.close();
    }

    @Test
    void eachCallArrivesWithItsDeadlineAndItsAnswerComesBack() throws Exception {
        assertThat(get(calls().promise(promise(66).build(), TIMEOUT)).getGranted())
                .isTrue();
        assertThat(get(calls().lease(lease().build(), TIMEOUT)).getPromisedEpoch())
                .isEqualTo(66);
        assertThat(get(calls().noteMembers(members().build(), TIMEOUT)).getNoted())
                .isEqualTo(members().getMembers().getAt());
        assertThat(get(calls().readLog(readLog(7).build(), TIMEOUT)).getEnvelopesList())
                .containsExactlyElementsOf(
                        chain.read(7, 3).stream().map(EventEnvelope::toProto).toList());
        assertThat(get(calls().reportBranch(report().build(), TIMEOUT)).getWhyNot())
                .isEqualTo("2 events of us-1");
        assertThat(get(calls().handover(handover().build(), TIMEOUT, step -> {}))
                        .getMoved()
                        .getToRegion())
                .isEqualTo("us-1");
        assertThat(get(calls().failover(failover().build(), TIMEOUT, step -> {}))
                        .getRefused()
                        .getCode())
                .isEqualTo(Refused.Code.NO_MAJORITY);
        assertThat(eu.duties().asked())
                .hasSize(7)
                .allSatisfy(asked -> assertThat(asked.timeout()).isPositive().isLessThanOrEqualTo(TIMEOUT));
    }

    @Test
    void whatCannotBeIsRefusedWithTheNameOfItsField() {
        refused("mesh", calls().promise(promise(66).setMesh("Not A Mesh").build(), TIMEOUT));
        refused("epoch", calls().promise(promise(0).build(), TIMEOUT));
        refused(
                "candidate_region",
                calls().promise(promise(66).setCandidateRegion("xx-1").build(), TIMEOUT));
        refused("epoch", calls().lease(lease().setEpoch(-1).build(), TIMEOUT));
        refused("home_region", calls().lease(lease().setHomeRegion("").build(), TIMEOUT));
        refused("length", calls().lease(lease().clearLength().build(), TIMEOUT));
        refused(
                "home_region",
                calls().noteMembers(members().setHomeRegion("xx-1").build(), TIMEOUT));
        refused("members", calls().noteMembers(members().clearMembers().build(), TIMEOUT));
        refused("members", calls().noteMembers(members().setMesh("shop").build(), TIMEOUT));
        refused("after_seq", calls().readLog(readLog(-1).build(), TIMEOUT));
        refused("max_events", calls().readLog(readLog(0).setMaxEvents(0).build(), TIMEOUT));
        refused(
                "origin_region",
                calls().reportBranch(report().setOriginRegion("xx-1").build(), TIMEOUT));
        refused("fork", calls().reportBranch(report().clearFork().build(), TIMEOUT));
        refused("envelopes", calls().reportBranch(report().clearEnvelopes().build(), TIMEOUT));
        refused(
                "envelopes[2]",
                calls().reportBranch(
                                report().addEnvelopes(Envelope.getDefaultInstance())
                                        .build(),
                                TIMEOUT));
        refused("to_region", calls().handover(handover().clearToRegion().build(), TIMEOUT, step -> {}));
        refused("command_id", calls().handover(handover().clearCommandId().build(), TIMEOUT, step -> {}));
        refused(
                "origin_region",
                calls().failover(failover().setOriginRegion("xx-1").build(), TIMEOUT, step -> {}));
        assertThat(eu.duties().asked()).isEmpty();
    }

    @Test
    void stepsOfAMoveComeAsTheyHappenBeforeItsOutcome() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        eu.duties().tells("draining", "sealed");
        eu.duties().answerAfter(gate);
        BlockingQueue<String> steps = new LinkedBlockingQueue<>();

        var handover = calls().handover(handover().build(), TIMEOUT, steps::add).toCompletableFuture();

        assertThat(steps.poll(5, TimeUnit.SECONDS)).isEqualTo("draining");
        assertThat(steps.poll(5, TimeUnit.SECONDS)).isEqualTo("sealed");
        assertThat(handover).as("the outcome is yet to come").isNotDone();
        gate.complete(null);
        assertThat(get(handover).getMoved().getToRegion()).isEqualTo("us-1");
        assertThat(get(calls().failover(failover().build(), TIMEOUT, steps::add))
                        .hasRefused())
                .isTrue();
        assertThat(steps).containsExactly("draining", "sealed");
    }

    @Test
    void whoWantsNoStepsGetsOneAnswer() {
        eu.duties().tells("draining");
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(eu.address()).usePlaintext().build();
        List<HandoverResponse> answers = new ArrayList<>();
        try {
            RegionPeerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .handover(handover().build())
                    .forEachRemaining(answers::add);
        } finally {
            channel.shutdownNow();
        }

        assertThat(answers).singleElement().matches(HandoverResponse::hasMoved);
    }

    @Test
    void aCallThatIsNotAnsweredFailsInTimeAndOneThatFailsSaysWhy() {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        eu.duties().answerAfter(gate);
        assertThatThrownBy(() -> get(calls().lease(lease().build(), Duration.ofMillis(200))))
                .hasMessageContaining("DEADLINE_EXCEEDED");

        eu.duties().answerAfter(CompletableFuture.failedFuture(new IllegalStateException("the disk is full")));
        assertThatThrownBy(() -> get(calls().lease(lease().build(), TIMEOUT)))
                .hasMessageContaining("UNAVAILABLE")
                .hasMessageContaining("the disk is full");

        eu.duties()
                .answerAfter(CompletableFuture.failedFuture(
                        Status.FAILED_PRECONDITION.withDescription("not now").asRuntimeException()));
        assertThatThrownBy(() -> get(calls().lease(lease().build(), TIMEOUT)))
                .hasMessageContaining("FAILED_PRECONDITION: not now");
    }

    @Test
    void aPromiseIsToldToTheOthersAlsoOfAMeshOfWhichNothingIsHeld() throws Exception {
        MeshId shop = new MeshId("shop");
        assertThat(us.peer(eu).promised(BOOKINFO)).isEqualTo(Epoch.NONE);

        get(calls().promise(promise(66).build(), TIMEOUT));
        get(calls().promise(promise(130).setMesh("shop").build(), TIMEOUT));

        Await.until("us-1 knows of it", () -> us.peer(eu).promised(BOOKINFO).equals(new Epoch(66)));
        Await.until("and of the other", () -> us.peer(eu).promised(shop).equals(new Epoch(130)));
        assertThat(us.peer(eu).lastKnownHead(shop)).isEmpty();
        assertThat(us.peer(eu).lastKnownHead(BOOKINFO)).contains(chain.head());
        assertThat(us.replication(shop)).as("a promise makes no mesh").isEmpty();
    }

    private PeerCalls calls() {
        return us.peer(eu).calls();
    }

    private static PromiseRequest.Builder promise(long epoch) {
        return PromiseRequest.newBuilder().setMesh("bookinfo").setEpoch(epoch).setCandidateRegion("us-1");
    }

    private static LeaseRequest.Builder lease() {
        return LeaseRequest.newBuilder()
                .setMesh("bookinfo")
                .setEpoch(66)
                .setHomeRegion("us-1")
                .setLength(Durations.fromSeconds(3));
    }

    private static NoteMembersRequest.Builder members() {
        Position at =
                Position.newBuilder().setMesh("bookinfo").setEpoch(66).setSeq(3).build();
        return NoteMembersRequest.newBuilder()
                .setMesh("bookinfo")
                .setHomeRegion("us-1")
                .setMembers(MembersNote.newBuilder()
                        .setAt(at)
                        .setChanged(at)
                        .addMembers(Member.newBuilder().setName("us-1").setIndex(2)));
    }

    private static ReadLogRequest.Builder readLog(long afterSeq) {
        return ReadLogRequest.newBuilder()
                .setMesh("bookinfo")
                .setAfterSeq(afterSeq)
                .setMaxEvents(100);
    }

    private ReportBranchRequest.Builder report() {
        io.meridian.model.log.Head fork = chain.read(7, 1).getFirst().head();
        return ReportBranchRequest.newBuilder()
                .setMesh("bookinfo")
                .setOriginRegion("us-1")
                .setFork(Head.newBuilder()
                        .setPosition(fork.position().toProto())
                        .setHash(fork.hash().bytes()))
                .addAllEnvelopes(
                        chain.read(8, 2).stream().map(EventEnvelope::toProto).toList());
    }

    private static HandoverRequest.Builder handover() {
        return HandoverRequest.newBuilder()
                .setMesh("bookinfo")
                .setToRegion("us-1")
                .setCommandId("c-1")
                .setOriginRegion("us-1");
    }

    private static FailoverRequest.Builder failover() {
        return FailoverRequest.newBuilder()
                .setMesh("bookinfo")
                .setCommandId("c-1")
                .setOriginRegion("us-1");
    }

    private static void refused(String field, CompletionStage<?> answer) {
        assertThatThrownBy(() -> get(answer)).hasMessageContaining("INVALID_ARGUMENT: " + field);
    }

    private static <T> T get(CompletionStage<T> answer) throws Exception {
        return answer.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
