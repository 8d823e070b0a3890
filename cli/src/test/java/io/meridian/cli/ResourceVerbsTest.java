package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.api.admin.v1.GetResourceRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.ListResourcesResponse;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.admin.v1.ResourceResult;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.RollbackRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Finding;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceVerbsTest {
    private static final String MANIFEST = "kind: VirtualService\n";

    private final List<Object> requests = new CopyOnWriteArrayList<>();
    private volatile @Nullable StatusRuntimeException refusal;
    private final AdminServer server = new AdminServer(new Resources());

    @TempDir
    Path folder = Path.of("");

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Resources extends ResourceServiceGrpc.ResourceServiceImplBase {
        private void answer(
                Object request, ResourceResult.Outcome outcome, StreamObserver<ApplyResourcesResponse> answer) {
            requests.add(request);
            if (refusal != null) {
                answer.onError(refusal);
                return;
            }
            answer.onNext(ApplyResourcesResponse.newBuilder()
                    .setWrite(WriteResponse.newBuilder()
                            .setPosition(Bookinfo.position(64, 13))
                            .addWarnings(Finding.newBuilder()
                                    .setLevel(Finding.Level.WARNING)
                                    .setCode("IST0101")
                                    .setObject("VirtualService default/reviews")
                                    .setField("spec.http[0].route[0].destination.subset")
                                    .setMessage("no DestinationRule has the subset \"v9\" of host reviews")
                                    .setSource("reviews.yaml")
                                    .setLine(12)
                                    .setColumn(9)))
                    .addResults(ResourceResult.newBuilder()
                            .setKey(Bookinfo.reviews())
                            .setOutcome(outcome))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void applyResources(ApplyResourcesRequest request, StreamObserver<ApplyResourcesResponse> answer) {
            answer(request, ResourceResult.Outcome.CONFIGURED, answer);
        }

        @Override
        public void deleteResources(DeleteResourcesRequest request, StreamObserver<ApplyResourcesResponse> answer) {
            answer(request, ResourceResult.Outcome.DELETED, answer);
        }

        @Override
        public void rollback(RollbackRequest request, StreamObserver<ApplyResourcesResponse> answer) {
            answer(request, ResourceResult.Outcome.CONFIGURED, answer);
        }

        @Override
        public void getResource(GetResourceRequest request, StreamObserver<Resource> answer) {
            requests.add(request);
            answer.onNext(Bookinfo.reviewsResource());
            answer.onCompleted();
        }

        @Override
        public void listResources(ListResourcesRequest request, StreamObserver<ListResourcesResponse> answer) {
            requests.add(request);
            ListResourcesResponse.Builder response = ListResourcesResponse.newBuilder();
            if (!request.getNamespace().equals("empty")) {
                response.addResources(Bookinfo.reviewsResource());
            }
            answer.onNext(response.build());
            answer.onCompleted();
        }
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    private String file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    @Test
    void applySaysWhatBecameOfEachResourceAndWarns() throws IOException {
        String file = file("reviews.yaml", MANIFEST);
        Run run = cli().run("apply", "-f", file);
        assertThat(run.out()).isEqualTo("""
                        virtualservice.networking.istio.io/reviews configured
                        applied at 64.13
                        """);
        assertThat(run.err())
                .isEqualTo(
                        "Warning: reviews.yaml:12:9: VirtualService default/reviews: "
                                + "spec.http[0].route[0].destination.subset: no DestinationRule has the subset \"v9\" of host reviews [IST0101]\n");
        ApplyResourcesRequest request = (ApplyResourcesRequest) requests.getFirst();
        assertThat(request.getParent()).isEqualTo("meshes/bookinfo");
        assertThat(request.getDefaultNamespace()).isEqualTo("default");
        assertThat(request.getManifests(0).getSource()).isEqualTo(file);
        assertThat(request.getManifests(0).getContent().toStringUtf8()).isEqualTo(MANIFEST);
    }

    @Test
    void applyTakesFilesFoldersAndTheStandardInputAsOneChange() throws IOException {
        file("b.yaml", "b");
        file("a.yml", "a");
        file("c.json", "{}");
        file("notes.txt", "no manifest");
        file("deep/d.yaml", "d");
        String other = folder.resolve("a.yml").toString();
        cli().stdin("s").run("apply", "-f", folder.toString(), "-f", "-", "-f", other);
        assertThat(sources()).containsExactly("a.yml", "b.yaml", "c.json", "stdin", "a.yml");
        cli().run("apply", "-R", "-f", folder.toString());
        assertThat(sources()).containsExactly("a.yml", "b.yaml", "c.json", "d.yaml");
    }

    private List<String> sources() {
        return ((ApplyResourcesRequest) requests.getLast())
                .getManifestsList().stream()
                        .map(Manifest::getSource)
                        .map(source -> source.substring(source.lastIndexOf('/') + 1))
                        .toList();
    }

    @Test
    void whatCannotBeReadIsNotSent() throws IOException {
        assertThat(cli().run("apply", "-f", "/nonexistent/x.yaml"))
                .isEqualTo(new Run(2, "", "error: /nonexistent/x.yaml: no such file or folder\n"));
        assertThat(cli().run("apply")).isEqualTo(new Run(2, "", "error: what is to be applied? Give -f FILE\n"));
        String large = file("large.yaml", "#".repeat(3 * 1024 * 1024 + 1));
        Run run = cli().run("apply", "-f", large);
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("large.yaml").contains("3 MiB");
        assertThat(server.calls()).isZero();
    }

    @Test
    void everyViolationIsALineWithFileObjectAndField() {
        refusal = AdminServer.refusal(
                Code.INVALID_ARGUMENT,
                "2 violations",
                Finding.newBuilder()
                        .setObject("VirtualService default/reviews")
                        .setField("spec.http[0].route[1].weight")
                        .setMessage("must not be negative, is -5")
                        .setSource("reviews.yaml")
                        .setLine(17)
                        .setColumn(15)
                        .build(),
                Finding.newBuilder()
                        .setObject("Deployment default/web")
                        .setMessage("applications are deployed in a data-plane cluster")
                        .setSource("web.yaml")
                        .setLine(1)
                        .build());
        Run run = cli().stdin(MANIFEST).run("apply", "-f", "-");
        assertThat(run).isEqualTo(new Run(3, "", """
                                error: reviews.yaml:17:15: VirtualService default/reviews: spec.http[0].route[1].weight: must not be negative, is -5
                                error: web.yaml:1: Deployment default/web: applications are deployed in a data-plane cluster
                                """));
    }

    @Test
    void badRequestsAndPreconditionsAreReadToo() {
        refusal = AdminServer.refusal(
                Code.INVALID_ARGUMENT,
                "bad",
                BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("spec.hosts")
                                .setDescription("must not be empty"))
                        .build(),
                ErrorInfo.newBuilder()
                        .setReason("INVALID_FIELD")
                        .putMetadata("source", "a.yaml")
                        .putMetadata("line", "3")
                        .putMetadata("column", "7")
                        .putMetadata("object", "VirtualService default/a")
                        .build());
        assertThat(cli().stdin(MANIFEST).run("apply", "-f", "-").err())
                .isEqualTo("error: a.yaml:3:7: VirtualService default/a: spec.hosts: must not be empty\n");
        refusal = AdminServer.refusal(
                Code.FAILED_PRECONDITION,
                "no",
                PreconditionFailure.newBuilder()
                        .addViolations(PreconditionFailure.Violation.newBuilder()
                                .setType("NAMESPACE_PROTECTED")
                                .setSubject("namespace default")
                                .setDescription("cannot be deleted"))
                        .build());
        Run run = cli().stdin(MANIFEST).run("apply", "-f", "-");
        assertThat(run).isEqualTo(new Run(5, "", "error: namespace default: cannot be deleted\n"));
    }

    @Test
    void exitCodesTellTheKindsOfRefusalApart() {
        assertThat(exitCode(Code.NOT_FOUND)).isEqualTo(4);
        assertThat(exitCode(Code.ALREADY_EXISTS)).isEqualTo(5);
        assertThat(exitCode(Code.ABORTED)).isEqualTo(5);
        assertThat(exitCode(Code.PERMISSION_DENIED)).isEqualTo(3);
        assertThat(exitCode(Code.DEADLINE_EXCEEDED)).isEqualTo(6);
        assertThat(exitCode(Code.INTERNAL)).isEqualTo(7);
    }

    private int exitCode(Code code) {
        refusal = AdminServer.refusal(code, "because");
        return cli().stdin(MANIFEST).run("apply", "-f", "-").exitCode();
    }

    @Test
    void validateIsADryRun() {
        Run run = cli().stdin(MANIFEST).run("validate", "-f", "-");
        assertThat(run.out()).endsWith("applied (dry run)\n");
        assertThat(((ApplyResourcesRequest) requests.getFirst()).getOptions().getValidateOnly())
                .isTrue();
    }

    @Test
    void getPrintsTheColumnsOfTheKind() {
        assertThat(cli().run("get", "vs", "-A", "-l", "app=reviews").out()).isEqualTo("""
                        NAMESPACE   NAME      GATEWAYS   HOSTS       AGE
                        default     reviews   -          [reviews]   60s
                        """);
        ListResourcesRequest request = (ListResourcesRequest) requests.getFirst();
        assertThat(request.getKind()).isEqualTo("vs");
        assertThat(request.getNamespace()).isEmpty();
        assertThat(request.getLabelSelector()).isEqualTo("app=reviews");
    }

    @Test
    void getOneByNameInEveryFormat() {
        assertThat(cli().run("get", "VirtualService", "reviews", "-o", "yaml").out())
                .isEqualTo(Bookinfo.reviewsResource().getYaml());
        assertThat(((GetResourceRequest) requests.getFirst()).getKey()).isEqualTo(Bookinfo.reviews());
        assertThat(cli().run("get", "vs/reviews", "-o", "name").out())
                .isEqualTo("virtualservice.networking.istio.io/reviews\n");
        assertThat(cli().run("get", "vs/reviews", "-o", "json").out()).isEqualTo("""
                        {
                          "apiVersion": "networking.istio.io/v1",
                          "kind": "VirtualService",
                          "metadata": {
                            "name": "reviews",
                            "namespace": "default",
                            "labels": {
                              "app": "reviews"
                            },
                            "uid": "77aa",
                            "generation": 2,
                            "creationTimestamp": "2026-11-24T09:59:00Z",
                            "resourceVersion": "64.11"
                          },
                          "spec": {
                            "hosts": [
                              "reviews"
                            ]
                          }
                        }
                        """);
    }

    @Test
    void nothingFoundIsNoError() {
        assertThat(cli().run("get", "vs", "-n", "empty"))
                .isEqualTo(new Run(0, "", "No resources found in namespace empty.\n"));
        assertThat(cli().run("get", "vs", "-n", "empty", "-o", "json").out()).isEqualTo("{\n  \"items\": []\n}\n");
    }

    @Test
    void deleteNamesWhatGoes() {
        Run run = cli().run("delete", "vs/reviews", "dr/reviews", "-n", "prod", "--ignore-not-found");
        assertThat(run.out()).startsWith("virtualservice.networking.istio.io/reviews deleted\n");
        DeleteResourcesRequest request = (DeleteResourcesRequest) requests.getFirst();
        assertThat(request.getKeysList())
                .extracting(key -> key.getKind() + " " + key.getNamespace() + "/" + key.getName())
                .containsExactly("VirtualService prod/reviews", "DestinationRule prod/reviews");
        assertThat(request.getIgnoreNotFound()).isTrue();
        assertThat(cli().run("delete").exitCode()).isEqualTo(2);
        assertThat(cli().run("delete", "vs").exitCode()).isEqualTo(2);
        assertThat(cli().run("delete", "vs", "a/b").exitCode()).isEqualTo(2);
    }

    @Test
    void rollbackTakesAPositionAndAScope() {
        cli().run("rollback", "--to", "64.9", "vs/reviews", "-o", "json");
        RollbackRequest request = (RollbackRequest) requests.getFirst();
        assertThat(request.getTo()).isEqualTo(Bookinfo.position(64, 9));
        assertThat(request.getKey()).isEqualTo(Bookinfo.reviews());
        cli().run("rollback", "--to", "64.9", "-n", "prod");
        assertThat(((RollbackRequest) requests.getLast()).getNamespace()).isEqualTo("prod");
        assertThat(((RollbackRequest) requests.getLast()).hasKey()).isFalse();
        assertThat(cli().run("rollback", "--to", "yesterday").err())
                .isEqualTo("error: --to: \"yesterday\" is not a position (EPOCH.SEQ or SEQ)\n");
    }

    @Test
    void withoutAMeshItAsksWhichOne() {
        Run run = Cli.on(server.address()).run("get", "vs");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("error: which mesh? Give --mesh NAME");
    }
}
