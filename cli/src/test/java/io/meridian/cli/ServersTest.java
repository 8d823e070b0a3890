package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServersTest {
    private static final String TRY_ANOTHER =
            "error: nothing was sent. Any region takes any call: name another with --server HOST:PORT, or several in MERIDIAN_SERVER\n";

    private final List<String> requestIds = new CopyOnWriteArrayList<>();
    private volatile int failures;
    private volatile String reason = "";
    private final AdminServer server = new AdminServer(new Meshes());

    @AfterEach
    void stop() {
        server.close();
    }

    /** Answers that it is unavailable as often as it is told to. */
    private final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void createMesh(CreateMeshRequest request, StreamObserver<MeshWriteResponse> answer) {
            requestIds.add(request.getOptions().getRequestId());
            if (requestIds.size() <= failures) {
                answer.onError(failure());
                return;
            }
            answer.onNext(MeshWriteResponse.newBuilder()
                    .setWrite(WriteResponse.newBuilder()
                            .setPosition(Bookinfo.position(64, 2))
                            .setReplayed(true))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void listMeshes(ListMeshesRequest request, StreamObserver<ListMeshesResponse> answer) {
            answer.onNext(
                    ListMeshesResponse.newBuilder().addMeshes(Bookinfo.mesh()).build());
            answer.onCompleted();
        }
    }

    private StatusRuntimeException failure() {
        RetryInfo retry = RetryInfo.newBuilder()
                .setRetryDelay(Duration.newBuilder().setNanos(5_000_000))
                .build();
        return switch (reason) {
            case "" -> AdminServer.refusal(Code.UNAVAILABLE, "the home eu-1 of mesh bookinfo cannot be reached", retry);
            case "OUTCOME_UNKNOWN" ->
                AdminServer.refusal(
                        Code.DEADLINE_EXCEEDED,
                        "the answer of region eu-1 is missing",
                        ErrorInfo.newBuilder().setReason(reason).build(),
                        retry);
            default ->
                AdminServer.refusal(
                        Code.UNAVAILABLE,
                        "region eu-1, the home of mesh bookinfo, cannot be reached",
                        ErrorInfo.newBuilder().setReason(reason).build(),
                        retry);
        };
    }

    @Test
    void aServerThatCannotBeReachedIsPassedOver() {
        Run run = Cli.on(AdminServer.nowhere() + "," + server.address()).run("mesh", "list", "-o", "name");
        assertThat(run).isEqualTo(new Run(0, "mesh/bookinfo\n", ""));
    }

    @Test
    void withoutAnyServerItFailsAtOnce() {
        String nowhere = AdminServer.nowhere();
        long start = System.nanoTime();
        Run run = Cli.on(nowhere).run("mesh", "list");
        assertThat(run)
                .isEqualTo(new Run(
                        6, "", "error: cannot reach the server " + nowhere + ": connection refused\n" + TRY_ANOTHER));
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(8));
        String second = AdminServer.nowhere();
        assertThat(Cli.on(nowhere + "," + second).run("mesh", "list").err())
                .isEqualTo("error: cannot reach any server\nerror: " + nowhere + ": connection refused\nerror: "
                        + second + ": connection refused\n" + TRY_ANOTHER);
    }

    @Test
    void aWriteIsRetriedUnderTheSameRequestId() {
        failures = 2;
        Run run = Cli.on(server.address()).run("mesh", "create", "bookinfo");
        assertThat(run.out()).isEqualTo("mesh/bookinfo created at 64.2 (already applied)\n");
        assertThat(requestIds).hasSize(3);
        assertThat(requestIds.stream().distinct()).hasSize(1);
    }

    @Test
    void aWriteWhoseOutcomeStaysUnknownSaysHowToMakeSure() {
        failures = Integer.MAX_VALUE;
        Run run =
                Cli.on(server.address()).run("mesh", "create", "bookinfo", "--timeout", "1s", "--request-id", "mine-1");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err()).isEqualTo("""
                        error: the server is unavailable: the home eu-1 of mesh bookinfo cannot be reached
                        error: it may have happened or not: the same command with --request-id mine-1 makes sure, and changes nothing twice
                        """);
        assertThat(requestIds).hasSizeGreaterThan(2).containsOnly("mine-1");
    }

    @Test
    void aWriteThatEveryAttemptOfWasTurnedAwayHasChangedNothing() {
        failures = Integer.MAX_VALUE;
        reason = "REGION_UNAVAILABLE";
        Run run = Cli.on(server.address()).run("mesh", "create", "bookinfo", "--timeout", "1s");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err()).isEqualTo("""
                        error: region eu-1, the home of mesh bookinfo, cannot be reached
                        error: nothing was changed. Repeat the command once the home region of the mesh is back; until then proxies keep their configuration and reads go on in every other region
                        """);
        assertThat(requestIds).hasSizeGreaterThan(2);
    }

    @Test
    void aWriteWhoseAnswerTheServerMissesIsRepeatedUnderItsId() {
        failures = 1;
        reason = "OUTCOME_UNKNOWN";
        Run run = Cli.on(server.address()).run("mesh", "create", "bookinfo");
        assertThat(run.exitCode()).isZero();
        assertThat(requestIds).hasSize(2);
        assertThat(requestIds.stream().distinct()).hasSize(1);
    }

    @Test
    void aWriteWhoseAnswerStaysMissingSaysWhoseAnswer() {
        failures = Integer.MAX_VALUE;
        reason = "OUTCOME_UNKNOWN";
        Run run =
                Cli.on(server.address()).run("mesh", "create", "bookinfo", "--timeout", "1s", "--request-id", "mine-2");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.err())
                .contains("error: the answer of region eu-1 is missing\n")
                .contains("--request-id mine-2 makes sure");
    }

    @Test
    void aServerThatSpeaksSomethingElseIsNoAdminServer() {
        Run run = Cli.on(server.address()).run("regions");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.err()).contains("is it a Meridian admin address?");
    }

    @Test
    void anAddressHasToBeHostAndPort() {
        assertThat(new Cli().run("--server", "localhost", "mesh", "list"))
                .isEqualTo(new Run(2, "", "error: --server: \"localhost\" is not HOST:PORT\n"));
        assertThat(new Cli().run("mesh", "list", "--server=localhost:99999").exitCode())
                .isEqualTo(2);
        assertThat(new Cli()
                        .run("mesh", "list", "--server=no.such.host.invalid:1")
                        .err())
                .contains("unknown host");
    }
}
