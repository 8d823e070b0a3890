package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.events.v1.Takeover;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryMoves;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three regions that know each other, asked at eu-1; what becomes of moves is the test's choice. */
@Timeout(60)
class HomeMovesTest {
    private static final Position OPENED = Position.newBuilder()
            .setMesh("bookinfo")
            .setEpoch(66)
            .setSeq(43)
            .build();
    private static final Moved MOVED = Moved.newBuilder()
            .setPosition(OPENED)
            .setFromRegion("eu-1")
            .setToRegion("us-1")
            .setWriteGap(Durations.fromMillis(35))
            .setOpened(true)
            .build();

    private final List<RegionServer> servers = InMemoryRegion.connected("eu-1", "us-1", "ap-1").stream()
            .map(RegionServer::of)
            .toList();
    private final RegionServer eu = servers.getFirst();
    private final InMemoryMoves moves = eu.region().moves();

    @AfterEach
    void close() {
        servers.forEach(RegionServer::close);
    }

    private static MoveHomeRequest.Builder toUs() {
        return MoveHomeRequest.newBuilder()
                .setMesh(Bookinfo.MESH)
                .setToRegion("us-1")
                .setOptions(WriteOptions.newBuilder().setRequestId("move-1").setReason("maintenance"));
    }

    private List<MoveHomeUpdate> handover(MoveHomeRequest.Builder request) {
        List<MoveHomeUpdate> updates = new ArrayList<>();
        eu.regions().handover(request.build()).forEachRemaining(updates::add);
        return updates;
    }

    private List<MoveHomeUpdate> failover(MoveHomeRequest.Builder request) {
        List<MoveHomeUpdate> updates = new ArrayList<>();
        eu.regions().failover(request.build()).forEachRemaining(updates::add);
        return updates;
    }

    @Test
    void stepsAreToldInOrderAndThenTheReport() {
        moves.moves(MOVED, "draining", "sealed at 65.42");

        List<MoveHomeUpdate> updates = handover(toUs());

        assertThat(updates.subList(0, 2))
                .extracting(MoveHomeUpdate::getStep)
                .extracting(MoveHomeStep::getWhat)
                .containsExactly("draining", "sealed at 65.42");
        assertThat(updates.get(1).getStep().hasAt()).isTrue();
        assertThat(updates.subList(2, updates.size()))
                .extracting(MoveHomeUpdate::getReport)
                .containsExactly(MoveHomeReport.newBuilder()
                        .setPosition(OPENED)
                        .setFromRegion("eu-1")
                        .setToRegion("us-1")
                        .setWriteGap(Durations.fromMillis(35))
                        .build());
    }

    @Test
    void whoAskedWhyAndUnderWhichIdGoesWithIt() {
        moves.moves(MOVED);
        handover(toUs());
        failover(toUs().setWithoutMajority(true));

        assertThat(moves.handovers().getFirst().getMesh()).isEqualTo("bookinfo");
        assertThat(moves.handovers().getFirst().getToRegion()).isEqualTo("us-1");
        assertThat(moves.handovers().getFirst().getActor().getSubject()).isEqualTo("alice");
        assertThat(moves.handovers().getFirst().getReason()).isEqualTo("maintenance");
        assertThat(moves.handovers().getFirst().getCommandId()).isEqualTo("move-1");
        assertThat(moves.handovers().getFirst().getOriginRegion()).isEqualTo("eu-1");
        assertThat(moves.failovers().getFirst().getWithoutMajority()).isTrue();
        assertThat(moves.failovers().getFirst().getCommandId()).isEqualTo("move-1");
    }

    @Test
    void aTakeoverIsReportedWithWhatItLeftBehind() {
        Takeover takeover = Takeover.newBuilder().setEventsAtRisk(3).addUnheard("eu-1").build();
        moves.moves(MOVED.toBuilder().setTakeover(takeover).build());

        MoveHomeReport report = failover(toUs()).getLast().getReport();

        assertThat(report.getEventsAtRisk()).isEqualTo(3);
        assertThat(report.getTakeover()).isEqualTo(takeover);
    }

    @Test
    void aNewHomeThatHasNotBeenSeenIsToldSo() {
        moves.moves(MOVED.toBuilder().setOpened(false).build());

        assertThat(handover(toUs()).getFirst().getStep().getWhat()).contains("us-1 has not been seen to go on yet");
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN_REGION, INVALID_ARGUMENT, INVALID_FIELD",
        "SAME_REGION, FAILED_PRECONDITION, SAME_REGION",
        "REGION_LAGS, FAILED_PRECONDITION, REGION_LAGS",
        "FENCED, FAILED_PRECONDITION, FENCED",
        "NO_MAJORITY, FAILED_PRECONDITION, NO_MAJORITY",
        "MOVE_IN_PROGRESS, FAILED_PRECONDITION, MOVE_IN_PROGRESS",
        "WITNESS, FAILED_PRECONDITION, WITNESS",
        "REGION_UNREACHABLE, UNAVAILABLE, REGION_UNREACHABLE",
        "UNAVAILABLE, UNAVAILABLE, REGION_UNAVAILABLE",
        "NOT_HOME, UNAVAILABLE, REGION_UNAVAILABLE",
        "ABORTED, ABORTED, ABORTED",
        "MESH_NOT_FOUND, NOT_FOUND, MESH_NOT_FOUND"
    })
    void aRefusalIsAStatusWithItsReason(Refused.Code code, Status.Code status, String reason) {
        moves.refuses(code, "the port's own words");

        for (Failures failure :
                List.of(Failures.of(() -> handover(toUs())), Failures.of(() -> failover(toUs())))) {
            assertThat(failure.code()).isEqualTo(status);
            assertThat(failure.reason()).isEqualTo(reason);
            assertThat(failure.message()).contains("the port's own words");
        }
    }

    @Test
    void aPortThatFailsLeavesTheOutcomeOpen() {
        moves.fails(Status.UNAVAILABLE.asRuntimeException());

        Failures failure = Failures.of(() -> handover(toUs()));

        assertThat(failure.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(failure.reason()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(failure.info().getMetadataMap()).containsEntry("request_id", "move-1");
    }

    @Test
    void badInputIsRefusedWithItsFieldAndNothingIsAsked() {
        WriteOptions.Builder options = toUs().getOptionsBuilder();

        assertField("to_region", toUs().clearToRegion());
        assertField("to_region", toUs().setToRegion("mars-1"));
        assertField("mesh", toUs().setMesh("bookinfo"));
        assertField("options.reason", toUs().setOptions(options.clone().setReason(" ")));
        assertField("options.request_id", toUs().setOptions(options.clone().setRequestId("a b")));
        assertField("options.expected_position", toUs().setOptions(options.clone().setExpectedPosition(OPENED)));
        assertField("options.validate_only", toUs().setOptions(options.clone().setValidateOnly(true)));
        assertField("without_majority", toUs().setWithoutMajority(true));
        assertThat(moves.handovers()).isEmpty();
    }

    private void assertField(String field, MoveHomeRequest.Builder request) {
        Failures failure = Failures.of(() -> handover(request));
        assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.fields()).extracting(com.google.rpc.BadRequest.FieldViolation::getField).contains(field);
    }

    @Test
    void thePlanIsMadeOfWhatTheAskedRegionKnows() {
        var _ = eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setHomeRegion("us-1")
                        .build());
        servers.get(1)
                .region()
                .proxies()
                .report(ProxyReport.newBuilder()
                        .setGateway("us-1-gateway")
                        .addUpdated(ProxyStatus.newBuilder()
                                .setNode("a")
                                .setMesh("bookinfo")
                                .setRegion("us-1"))
                        .build());

        FailoverPlan planned = plan("ap-1");
        servers.get(1).region().cutOff();
        FailoverPlan lost = plan("eu-1");

        assertThat(planned.getAdvice()).isEqualTo("handover");
        assertThat(planned.getProxiesThatMove()).isEqualTo(1);
        assertThat(planned.getEventsBehind()).isZero();
        assertThat(planned.getHomeLastKnownHead())
                .isEqualTo(eu.region().meshes().state(Bookinfo.ID).head().position().toProto());
        assertThat(lost.getAdvice()).isEqualTo("failover");
        assertThat(lost.getUnreachableVotersList()).containsExactly("us-1");
        assertThat(Failures.of(() -> plan("mars-1")).message()).contains("ap-1, eu-1, us-1");
        assertThat(Failures.of(() -> eu.regions()
                                .planFailover(PlanFailoverRequest.newBuilder()
                                        .setMesh("meshes/other")
                                        .setToRegion("eu-1")
                                        .build()))
                        .reason())
                .isEqualTo("MESH_NOT_FOUND");
    }

    private FailoverPlan plan(String to) {
        return eu.regions()
                .planFailover(PlanFailoverRequest.newBuilder()
                        .setMesh(Bookinfo.MESH)
                        .setToRegion(to)
                        .build());
    }
}
