package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.events.v1.Takeover;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MoveVerbsTest {
    private static final FailoverPlan PLAN = FailoverPlan.newBuilder()
            .setMesh("meshes/bookinfo")
            .setHomeRegion("eu-1")
            .setToRegion("us-1")
            .setHomeSilentFor(Durations.fromSeconds(12))
            .setHomeLastKnownHead(Bookinfo.position(65, 42))
            .setReplicaHead(Bookinfo.position(65, 40))
            .setEventsBehind(2)
            .setEventsAtRisk(1)
            .setVoters(3)
            .setMajority(2)
            .addReachableVoters("ap-1")
            .addReachableVoters("us-1")
            .addUnreachableVoters("eu-1")
            .setProxiesThatMove(4)
            .setProxies(7)
            .setAdvice("failover")
            .setDurability("LOCAL")
            .build();

    private final List<MoveHomeRequest> handovers = new CopyOnWriteArrayList<>();
    private final List<MoveHomeRequest> failovers = new CopyOnWriteArrayList<>();
    private volatile @Nullable RuntimeException refusal;
    private final AdminServer server = new AdminServer(new Regions());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Regions extends RegionServiceGrpc.RegionServiceImplBase {
        @Override
        public void planFailover(PlanFailoverRequest request, StreamObserver<FailoverPlan> answer) {
            answer.onNext(PLAN);
            answer.onCompleted();
        }

        @Override
        public void handover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> answer) {
            handovers.add(request);
            move(answer, MoveHomeReport.newBuilder().build());
        }

        @Override
        public void failover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> answer) {
            failovers.add(request);
            move(
                    answer,
                    MoveHomeReport.newBuilder()
                            .setEventsAtRisk(1)
                            .setTakeover(Takeover.newBuilder()
                                    .setLastKnownHomeHead(Bookinfo.position(65, 42))
                                    .setEventsAtRisk(1)
                                    .addPromisedBy("us-1")
                                    .addPromisedBy("ap-1")
                                    .addUnheard("eu-1"))
                            .build());
        }

        private void move(StreamObserver<MoveHomeUpdate> answer, MoveHomeReport report) {
            answer.onNext(MoveHomeUpdate.newBuilder()
                    .setStep(MoveHomeStep.newBuilder()
                            .setAt(Durations.fromMillis(12))
                            .setWhat("eu-1 takes no writes"))
                    .build());
            RuntimeException refused = refusal;
            if (refused != null) {
                answer.onError(refused);
                return;
            }
            answer.onNext(MoveHomeUpdate.newBuilder()
                    .setReport(report.toBuilder()
                            .setPosition(Bookinfo.position(66, 43))
                            .setFromRegion("eu-1")
                            .setToRegion("us-1")
                            .setWriteGap(Durations.fromMillis(35)))
                    .build());
            answer.onCompleted();
        }
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    private Run handover(String... more) {
        return cli().run(arguments("handover", more));
    }

    private static String[] arguments(String verb, String... more) {
        String[] all = {verb, "--to", "us-1", "--reason", "maintenance"};
        String[] arguments = java.util.Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, arguments, all.length, more.length);
        return arguments;
    }

    @Test
    void aHandoverTellsItsStepsAndHowItEnded() {
        Run run = handover("--yes", "--request-id", "move-1");

        assertThat(run).isEqualTo(new Run(0, """
                          0.012 s  eu-1 takes no writes
                        the home of mesh bookinfo moved from eu-1 to us-1 at 66.43
                        no region took writes for 35ms
                        events at risk: 0
                        """, ""));
        MoveHomeRequest request = handovers.getFirst();
        assertThat(request.getMesh()).isEqualTo("meshes/bookinfo");
        assertThat(request.getToRegion()).isEqualTo("us-1");
        assertThat(request.getOptions().getReason()).isEqualTo("maintenance");
        assertThat(request.getOptions().getRequestId()).isEqualTo("move-1");
    }

    @Test
    void asJsonThereIsOneObjectAndTheStepsGoToStderr() {
        Run run = handover("--yes", "-o", "json");

        assertThat(run.out()).isEqualTo("""
                        {
                          "position": {
                            "mesh": "bookinfo",
                            "epoch": 66,
                            "seq": 43
                          },
                          "fromRegion": "eu-1",
                          "toRegion": "us-1",
                          "writeGapMillis": 35,
                          "eventsAtRisk": 0,
                          "takeover": null
                        }
                        """);
        assertThat(run.err()).isEqualTo("  0.012 s  eu-1 takes no writes\n");
    }

    @Test
    void aFailoverReportsWhatItLeftBehind() {
        Run run = cli().run(arguments("failover", "--yes", "--without-majority"));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).endsWith("""
                        promised by us-1, ap-1; not heard: eu-1
                        the old home was last known at 65.42
                        events at risk: 1
                        They are listed once eu-1 is back: meridian branches list --mesh bookinfo
                        """);
        assertThat(failovers.getFirst().getWithoutMajority()).isTrue();
        assertThat(cli().run(arguments("failover", "--yes", "-o", "json")).out())
                .contains("\"eventsAtRisk\": 1,\n  \"takeover\": {\n", "\"promisedBy\": [\n      \"us-1\",");
        assertThat(failovers.getLast().getWithoutMajority()).isFalse();
    }

    @Test
    void withoutYesThePlanIsShownAndTheRegionsNameHasToBeTyped() {
        Run typed = cli().types("us-1\n").run(arguments("failover"));
        Run mistyped = cli().types("eu-1\n").run(arguments("failover"));
        Run json = cli().types("us-1\n").run(arguments("handover", "-o", "json"));

        assertThat(typed.exitCode()).isZero();
        assertThat(typed.out()).startsWith("mesh bookinfo, home eu-1, to us-1\n");
        assertThat(typed.err()).isEqualTo("Type the region's name (us-1) to go on: ");
        assertThat(mistyped.exitCode()).isEqualTo(2);
        assertThat(mistyped.err()).endsWith("error: \"eu-1\" is not \"us-1\"; nothing was changed\n");
        assertThat(failovers).hasSize(1);
        assertThat(json.out()).startsWith("{\n  \"position\"");
        assertThat(json.err()).startsWith("mesh bookinfo, home eu-1, to us-1\n");
    }

    @Test
    void whereNobodyCanBeAskedYesIsRequired() {
        Run run = handover();

        assertThat(run)
                .isEqualTo(new Run(
                        2, "", "error: --yes: is required where stdin is no terminal, since nobody can be asked\n"));
        assertThat(server.calls()).isZero();
    }

    @Test
    void whatIsMissingIsNamedBeforeAnythingIsSent() {
        assertThat(cli().run("failover", "--yes").err()).isEqualTo("error: missing: --to=REGION, --reason=TEXT\n");
        assertThat(cli().run("handover", "--to", "us-1", "--reason", " ", "--yes"))
                .isEqualTo(new Run(2, "", "error: missing: --reason=TEXT\n"));
        assertThat(cli().run("failover", "plan").exitCode()).isEqualTo(2);
        assertThat(server.calls()).isZero();
    }

    @Test
    void thePlanSaysWhatIsAtRisk() {
        Run run = cli().run("failover", "plan", "--to", "us-1");

        assertThat(run.out()).isEqualTo("""
                        mesh bookinfo, home eu-1, to us-1
                          Home:            eu-1 has been silent for 12s; last known at 65.42
                          us-1:            holds 65.40, 2 events behind
                          At risk:         1 event that no reachable region but the home holds
                          Durability:      LOCAL
                          Voters:          2 of 3 reachable (ap-1, us-1), 2 are a majority; not reachable: eu-1
                          Proxies:         4 of 7 are served by eu-1 and have to go elsewhere
                          Advice:          meridian failover --mesh bookinfo --to us-1 --reason TEXT
                        """);
        assertThat(cli().run("failover", "plan", "--to", "us-1", "-o", "json").out())
                .contains("\"eventsAtRisk\": 1", "\"advice\": \"failover\"", "\"obstacles\": []");
    }

    @Test
    void aRefusalIsToldAndEndsWithItsCode() {
        refusal = AdminServer.refusal(
                Code.FAILED_PRECONDITION,
                "us-1 lacks 900 events",
                ErrorInfo.newBuilder().setReason("REGION_LAGS").build());

        Run run = handover("--yes");

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.err()).isEqualTo("error: us-1 lacks 900 events\n");
    }

    @Test
    void aTargetThatIsNotThereEndsItAtOnce() {
        refusal = AdminServer.refusal(
                Code.UNAVAILABLE,
                "us-1 cannot be reached",
                ErrorInfo.newBuilder().setReason("REGION_UNREACHABLE").build());

        Run run = handover("--yes");

        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err()).isEqualTo("error: us-1 cannot be reached\n");
        assertThat(handovers).hasSize(1);
    }

    @Test
    void anUnknownOutcomeSaysHowToFindItOut() {
        refusal = AdminServer.refusal(Code.DEADLINE_EXCEEDED, "no answer from eu-1");

        Run run = handover("--yes", "--request-id", "move-1", "--timeout", "2s");

        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err())
                .contains("it may have moved or not: 'meridian regions --mesh bookinfo' shows the home")
                .contains("--request-id move-1");
    }

    @Test
    void aHomeThatIsAwayIsAskedAgainAndThenFailoverIsAdvised() {
        refusal = AdminServer.refusal(
                Code.UNAVAILABLE,
                "eu-1 does not answer",
                ErrorInfo.newBuilder().setReason("REGION_UNAVAILABLE").build());

        Run run = handover("--yes", "--timeout", "5s");

        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(handovers).hasSizeGreaterThan(1);
        assertThat(run.err())
                .contains("nothing was moved. If the home is lost, 'meridian failover plan --mesh bookinfo --to us-1'");
    }
}
