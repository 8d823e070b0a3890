package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeleteMeshRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshVerbsTest {
    private volatile int syncReplicas;
    private final List<Object> requests = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Meshes());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void createMesh(CreateMeshRequest request, StreamObserver<MeshWriteResponse> answer) {
            requests.add(request);
            answer.onNext(MeshWriteResponse.newBuilder()
                    .setMesh(Bookinfo.mesh())
                    .setWrite(WriteResponse.newBuilder().setPosition(Bookinfo.position(64, 2)))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void updateMesh(UpdateMeshRequest request, StreamObserver<MeshWriteResponse> answer) {
            requests.add(request);
            answer.onNext(MeshWriteResponse.newBuilder()
                    .setMesh(Bookinfo.mesh())
                    .setWrite(WriteResponse.newBuilder()
                            .setPosition(Bookinfo.position(64, 12))
                            .setUnchanged(true))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void getMesh(GetMeshRequest request, StreamObserver<Mesh> answer) {
            MeshSpec spec = Bookinfo.mesh().getSpec().toBuilder()
                    .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas))
                    .build();
            answer.onNext(Bookinfo.mesh().toBuilder().setSpec(spec).build());
            answer.onCompleted();
        }

        @Override
        public void listMeshes(ListMeshesRequest request, StreamObserver<ListMeshesResponse> answer) {
            requests.add(request);
            boolean first = request.getPageToken().isEmpty();
            answer.onNext(ListMeshesResponse.newBuilder()
                    .addMeshes(
                            first
                                    ? Bookinfo.mesh()
                                    : Bookinfo.mesh().toBuilder()
                                            .setName("meshes/payments")
                                            .build())
                    .setNextPageToken(first ? "more" : "")
                    .build());
            answer.onCompleted();
        }

        @Override
        public void deleteMesh(DeleteMeshRequest request, StreamObserver<WriteResponse> answer) {
            requests.add(request);
            answer.onNext(WriteResponse.newBuilder()
                    .setPosition(Bookinfo.position(64, 13))
                    .build());
            answer.onCompleted();
        }
    }

    @Test
    void createSaysWhatWasCreatedAndWhere() {
        Run run = Cli.on(server.address())
                .run(
                        "mesh",
                        "create",
                        "bookinfo",
                        "--istio-version=1.27",
                        "--home=eu-1",
                        "--mtls",
                        "strict",
                        "--no-access-log",
                        "--sync-replicas=1",
                        "--reason=first");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("mesh/bookinfo created at 64.2\n");
        CreateMeshRequest request = (CreateMeshRequest) requests.getFirst();
        assertThat(request.getMeshId()).isEqualTo("bookinfo");
        assertThat(request.getHomeRegion()).isEqualTo("eu-1");
        assertThat(request.getSpec().getMtlsMode().name()).isEqualTo("MTLS_STRICT");
        assertThat(request.getSpec().hasAccessLog()).isTrue();
        assertThat(request.getSpec().getAccessLog().getEnabled()).isFalse();
        assertThat(request.getSpec().getDurability().getSyncReplicas()).isEqualTo(1);
        assertThat(request.getOptions().getReason()).isEqualTo("first");
        assertThat(request.getOptions().getRequestId()).hasSize(36);
        assertThat(server.lastHeader("meridian-actor")).isEqualTo("ada@desk");
        assertThat(server.lastHeader("user-agent")).startsWith("meridian-cli/");
    }

    @Test
    void aWriteAsJsonHasThePositionInNumbers() {
        Run run = Cli.on(server.address()).run("mesh", "create", "bookinfo", "-o", "json");
        assertThat(run.out()).startsWith("""
                        {
                          "position": {
                            "mesh": "bookinfo",
                            "epoch": 64,
                            "seq": 2
                          },
                          "unchanged": false,
                          "replayed": false,
                          "dryRun": false,
                          "warnings": [],
                          "mesh": {
                            "name": "meshes/bookinfo",
                        """);
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void listFetchesAllPagesIntoOneTable() {
        Run run = Cli.on(server.address()).run("mesh", "list");
        assertThat(run.out()).isEqualTo("""
                        NAME       STATE    VERSION   HOME   POSITION   CLUSTERS   RESOURCES   AGE
                        bookinfo   active   1.27      eu-1   64.12      2          5           30m
                        payments   active   1.27      eu-1   64.12      2          5           30m
                        """);
        assertThat(Cli.on(server.address()).run("mesh", "list", "-o", "name").out())
                .isEqualTo("mesh/bookinfo\nmesh/payments\n");
        assertThat(Cli.on(server.address()).run("mesh", "list", "--no-headers").out())
                .doesNotContain("NAME");
        assertThat(Cli.on(server.address()).run("mesh", "list", "-o", "wide").out())
                .contains("permissive")
                .contains("allow-any");
    }

    @Test
    void getPrintsYamlThatHasTheSameFieldsAsJson() {
        Run run = Cli.on(server.address()).run("mesh", "get", "bookinfo", "-o", "yaml");
        assertThat(run.out())
                .contains("name: meshes/bookinfo\n")
                .contains("createTime: 2026-11-24T09:30:00Z")
                .contains("position:\n  mesh: bookinfo\n  epoch: 64\n  seq: 12\n");
    }

    @Test
    void updateSendsOnlyWhatWasGivenAndNamesIt() {
        Run run = Cli.on(server.address())
                .run("mesh", "update", "bookinfo", "--tracing-sampling=1.5", "--outbound-traffic-policy=registry-only");
        assertThat(run.out()).isEqualTo("mesh/bookinfo unchanged at 64.12\n");
        UpdateMeshRequest request = (UpdateMeshRequest) requests.getFirst();
        assertThat(request.getUpdateMaskList()).containsExactly("tracing.sampling_percent", "outbound_traffic_policy");
        assertThat(request.getSpec().getTracing().getSamplingPercent()).isEqualTo(1.5);
    }

    @Test
    void theFailoverPolicyIsThreeSettings() {
        Cli.on(server.address())
                .run(
                        "mesh",
                        "update",
                        "bookinfo",
                        "--automatic-failover",
                        "--lease=20s",
                        "--divergence-policy=reapply-non-conflicting");
        Cli.on(server.address()).run("mesh", "update", "bookinfo", "--no-automatic-failover");

        UpdateMeshRequest request = (UpdateMeshRequest) requests.getFirst();
        assertThat(request.getUpdateMaskList())
                .containsExactly("failover.automatic", "failover.lease", "failover.divergence_policy");
        assertThat(request.getSpec().getFailover().getAutomatic()).isTrue();
        assertThat(request.getSpec().getFailover().getLease().getSeconds()).isEqualTo(20);
        assertThat(request.getSpec().getFailover().getDivergencePolicy())
                .isEqualTo(MeshSpec.DivergencePolicy.REAPPLY_NON_CONFLICTING);
        assertThat(((UpdateMeshRequest) requests.getLast()).getUpdateMaskList()).containsExactly("failover.automatic");
        assertThat(((UpdateMeshRequest) requests.getLast())
                        .getSpec()
                        .getFailover()
                        .getAutomatic())
                .isFalse();
    }

    @Test
    void durabilityIsSetOnTheHeadThatWasRead() {
        Run run = Cli.on(server.address())
                .run("mesh", "set-durability", "sync:2", "--mesh", "bookinfo", "--reason", "safer");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        UpdateMeshRequest request = (UpdateMeshRequest) requests.getFirst();
        assertThat(request.getUpdateMaskList()).containsExactly("durability.sync_replicas");
        assertThat(request.getSpec().getDurability().getSyncReplicas()).isEqualTo(2);
        assertThat(request.getOptions().getExpectedPosition()).isEqualTo(Bookinfo.position(64, 12));
        assertThat(request.getOptions().getReason()).isEqualTo("safer");
    }

    @Test
    void theRolloutIsSetWithItsReasonAndNothingElse() {
        Run run = rollout("5%", "--halt-at", "12.5%");
        assertThat(run.exitCode()).isZero();
        UpdateMeshRequest request = (UpdateMeshRequest) requests.getLast();
        assertThat(request.getUpdateMaskList()).containsExactly("rollout");
        assertThat(request.getSpec().getRollout().getCanaryPercent()).isEqualTo(5);
        assertThat(request.getSpec().getRollout().getHaltPercent()).isEqualTo(12.5);
        assertThat(request.getOptions().getReason()).isEqualTo("a test");

        assertThat(rollout("0%").exitCode()).isZero();
        assertThat(((UpdateMeshRequest) requests.getLast()).getSpec().getRollout())
                .isEqualTo(MeshSpec.Rollout.getDefaultInstance());
    }

    @Test
    void aRolloutThatCannotBeMeantIsRefusedByTheNameOfItsOption() {
        assertThat(rollout("101%").err()).contains("--canaries: \"101%\" is not a share of 0% to 100%");
        assertThat(rollout("5").err()).contains("--canaries: \"5\" is not a share");
        assertThat(rollout("5%", "--halt-at", "half").err()).contains("--halt-at: \"half\" is not a share");
        assertThat(rollout("5%", "--halt-at", "0%").err()).contains("--halt-at: \"0%\" would halt what nobody refuses");
        assertThat(Cli.on(server.address())
                        .run("mesh", "set-rollout", "--canaries", "5%", "--mesh", "bookinfo")
                        .err())
                .contains("--reason");
        assertThat(requests).isEmpty();
    }

    private Run rollout(String canaries, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("mesh", "set-rollout", "--mesh", "bookinfo", "--canaries", canaries, "--reason", "a test"));
        arguments.addAll(List.of(more));
        return Cli.on(server.address()).run(arguments.toArray(String[]::new));
    }

    @Test
    void lessDurabilityIsToldWhatItMeans() {
        syncReplicas = 2;

        assertThat(setDurability("local").err())
                .contains("from sync:2 to local: a write is answered when the home alone holds it");
        assertThat(setDurability("sync:1").err()).contains("from sync:2 to sync:1");
        assertThat(setDurability("sync:2").err()).isEmpty();
    }

    @Test
    void whatIsNoDurabilityIsRefused() {
        assertThat(setDurability("sync:0").exitCode()).isEqualTo(2);
        assertThat(setDurability("twice").err())
                .isEqualTo("error: DURABILITY: \"twice\" is neither local nor sync:K with K from 1\n");
        assertThat(Cli.on(server.address())
                        .run("mesh", "set-durability", "local", "--mesh", "bookinfo")
                        .err())
                .isEqualTo("error: missing: --reason=TEXT\n");
        assertThat(requests).isEmpty();
    }

    private Run setDurability(String durability) {
        return Cli.on(server.address())
                .run("mesh", "set-durability", durability, "--mesh", "bookinfo", "--reason", "a test");
    }

    @Test
    void anUpdateOfNothingIsAMistake() {
        Run run = Cli.on(server.address()).run("mesh", "update", "bookinfo");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("error: nothing to update: give at least one setting\n");
        assertThat(server.calls()).isZero();
    }

    @Test
    void anUnknownWordListsTheKnownOnes() {
        Run run = Cli.on(server.address()).run("mesh", "create", "m", "--mtls", "sometimes");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("error: --mtls: \"sometimes\" is none of disable, permissive, strict\n");
    }

    @Test
    void aDryRunSaysSo() {
        Run run = Cli.on(server.address()).run("mesh", "delete", "bookinfo", "--dry-run");
        assertThat(run.out()).isEqualTo("mesh/bookinfo deleted (dry run)\n");
        assertThat(((DeleteMeshRequest) requests.getFirst()).getOptions().getValidateOnly())
                .isTrue();
    }

    @Test
    void anExpectedPositionWithoutEpochIsCompletedByTheServer() {
        Cli.on(server.address()).run("mesh", "delete", "bookinfo", "--expected-position", "12");
        assertThat(((DeleteMeshRequest) requests.getFirst()).getOptions().getExpectedPosition())
                .isEqualTo(Bookinfo.position(64, 12));
        Cli.on(server.address()).run("mesh", "delete", "bookinfo", "--expected-position", "1.7");
        assertThat(((DeleteMeshRequest) requests.getLast()).getOptions().getExpectedPosition())
                .isEqualTo(Bookinfo.position(1, 7));
    }
}
