package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeleteMeshRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.RemoveClusterRequest;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.UpgradeMeshRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.Position;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.SnapshotCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshAdminTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());

    @AfterEach
    void close() {
        server.close();
    }

    private MeshWriteResponse create(String name) {
        return server.meshes()
                .createMesh(CreateMeshRequest.newBuilder().setMeshId(name).build());
    }

    private MeshWriteResponse update(UpdateMeshRequest.Builder request) {
        return server.meshes().updateMesh(request.setName(Bookinfo.MESH).build());
    }

    @Test
    void aCreatedMeshIsShownWithItsDefaultsItsHomeAndItsPosition() {
        MeshWriteResponse created = create("bookinfo");

        Mesh mesh = created.getMesh();
        assertThat(mesh.getName()).isEqualTo("meshes/bookinfo");
        assertThat(mesh.getHomeRegion()).isEqualTo("eu-1");
        assertThat(mesh.getSpec().getVersion()).isEqualTo("1.27");
        assertThat(mesh.getState()).isEqualTo(Mesh.State.ACTIVE);
        assertThat(mesh.getPosition()).isEqualTo(created.getWrite().getPosition());
        assertThat(mesh.getStateHash())
                .isEqualTo(SnapshotCodec.stateHash(server.region().meshes().state(Bookinfo.ID))
                        .hex());
        assertThat(server.meshes()
                        .getMesh(GetMeshRequest.newBuilder()
                                .setName("meshes/bookinfo")
                                .setMinPosition(created.getWrite().getPosition())
                                .build()))
                .isEqualTo(mesh);
    }

    @Test
    void theLogTellsWhoWroteWhyAndByWhichWay() {
        var _ = server.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setOptions(WriteOptions.newBuilder()
                                .setRequestId("request-1")
                                .setReason("to begin with"))
                        .build());

        EventEnvelope event = server.region().meshes().events(Bookinfo.ID).getLast();
        assertThat(event.header().getActor().getSubject()).isEqualTo("alice");
        assertThat(event.header().getActor().getAuthenticated()).isFalse();
        assertThat(event.header().getActor().getChannel()).isEqualTo("cli");
        assertThat(event.header().getActor().getPeer()).isNotEmpty();
        assertThat(event.header().getReason()).isEqualTo("to begin with");
        assertThat(event.header().getCommandId()).isEqualTo("request-1");
        assertThat(event.header().getOriginRegion()).isEqualTo("eu-1");
    }

    @Test
    void theSameRequestIdIsAppliedOnce() {
        CreateMeshRequest request = CreateMeshRequest.newBuilder()
                .setMeshId("bookinfo")
                .setOptions(WriteOptions.newBuilder().setRequestId("request-1"))
                .build();

        MeshWriteResponse first = server.meshes().createMesh(request);
        MeshWriteResponse again = server.meshes().createMesh(request);

        assertThat(first.getWrite().getReplayed()).isFalse();
        assertThat(again.getWrite().getReplayed()).isTrue();
        assertThat(again.getWrite().getPosition()).isEqualTo(first.getWrite().getPosition());
        assertThat(again.getMesh()).isEqualTo(first.getMesh());
    }

    @Test
    void anUnknownOutcomeNamesTheRequestIdThatARetryNeeds() {
        server.region().meshes().loseNextAnswer();

        Failures failure = Failures.of(() -> create("bookinfo"));

        assertThat(failure.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(failure.reason()).isEqualTo("OUTCOME_UNKNOWN");
        String requestId = failure.info().getMetadataOrThrow("request_id");
        MeshWriteResponse retry = server.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setOptions(WriteOptions.newBuilder().setRequestId(requestId))
                        .build());
        assertThat(retry.getWrite().getReplayed()).isTrue();
    }

    @Test
    void aWriteWhosePortFailsIsUnknownRatherThanFailed() {
        server.region().meshes().failNextAnswer();

        Failures failure = Failures.of(() -> create("bookinfo"));

        assertThat(failure.reason()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(failure.message()).doesNotContain("entity was lost");
    }

    @Test
    void validateOnlyChangesNothing() {
        MeshWriteResponse response = server.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setOptions(WriteOptions.newBuilder().setValidateOnly(true))
                        .build());

        assertThat(response.hasMesh()).isFalse();
        assertThat(server.region().meshes().events(Bookinfo.ID)).isEmpty();
    }

    @Test
    void meshesAreListedPageByPageWithoutTheDeletedOnes() {
        List.of("d", "a", "c", "b", "e").forEach(this::create);
        var _ = server.meshes()
                .deleteMesh(DeleteMeshRequest.newBuilder().setName("meshes/c").build());

        List<String> names = new ArrayList<>();
        ListMeshesRequest.Builder request = ListMeshesRequest.newBuilder().setPageSize(2);
        int pages = 0;
        do {
            ListMeshesResponse page = server.meshes().listMeshes(request.build());
            page.getMeshesList().forEach(mesh -> names.add(mesh.getName()));
            request.setPageToken(page.getNextPageToken());
            pages++;
        } while (!request.getPageToken().isEmpty());

        assertThat(names).containsExactly("meshes/a", "meshes/b", "meshes/d", "meshes/e");
        assertThat(pages).isEqualTo(2);
        assertThat(server.meshes()
                        .listMeshes(ListMeshesRequest.newBuilder()
                                .setShowDeleted(true)
                                .build())
                        .getMeshesCount())
                .isEqualTo(5);
    }

    @Test
    void aTokenOfAnotherRequestOrAChangedOneIsRefused() {
        List.of("a", "b", "c").forEach(this::create);
        String token = server.meshes()
                .listMeshes(ListMeshesRequest.newBuilder().setPageSize(1).build())
                .getNextPageToken();

        for (ListMeshesRequest bad : List.of(
                ListMeshesRequest.newBuilder()
                        .setPageToken(token)
                        .setShowDeleted(true)
                        .build(),
                ListMeshesRequest.newBuilder()
                        .setPageToken(token.substring(1) + "A")
                        .build(),
                ListMeshesRequest.newBuilder().setPageToken("§").build())) {
            Failures failure = Failures.of(() -> server.meshes().listMeshes(bad));
            assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(failure.fields().getFirst().getField()).isEqualTo("page_token");
        }
    }

    @Test
    void anUpdateReplacesTheFieldsOfItsMaskOnly() {
        var _ = create("bookinfo");
        var _ = update(UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder().setDisplayName("Books"))
                .addUpdateMask("display_name"));

        MeshWriteResponse updated = update(UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder()
                        .setDisplayName("not this")
                        .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true)))
                .addUpdateMask("access_log.enabled"));

        assertThat(updated.getMesh().getSpec().getAccessLog().getEnabled()).isTrue();
        assertThat(updated.getMesh().getSpec().getDisplayName()).isEqualTo("Books");
        assertThat(updated.getMesh().getSpec().getTrustDomain()).isEqualTo("cluster.local");
    }

    @Test
    void updatesOfOtherFieldsAtTheSameMomentAllSucceed() throws Exception {
        var _ = create("bookinfo");
        List<Callable<MeshWriteResponse>> updates = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int sampling = i;
            updates.add(() -> update(UpdateMeshRequest.newBuilder()
                    .setSpec(MeshSpec.newBuilder()
                            .setTracing(MeshSpec.Tracing.newBuilder().setSamplingPercent(sampling)))
                    .addUpdateMask("tracing")));
        }
        updates.add(() -> update(UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder().setDisplayName("Books"))
                .addUpdateMask("display_name")));

        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<MeshWriteResponse> each : many.invokeAll(updates)) {
                assertThat(each.get().getWrite().hasPosition()).isTrue();
            }
        }

        MeshWriteResponse last = update(UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder()
                        .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true)))
                .addUpdateMask("access_log"));
        assertThat(last.getMesh().getSpec().getDisplayName()).isEqualTo("Books");
        assertThat(last.getMesh().getSpec().hasTracing()).isTrue();
    }

    @Test
    void anUnknownPathOfAMaskIsNamed() {
        var _ = create("bookinfo");

        Failures failure = Failures.of(() -> update(
                UpdateMeshRequest.newBuilder().addUpdateMask("access_log").addUpdateMask("acess_log.x")));

        assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.reason()).isEqualTo("UNKNOWN_FIELD");
        assertThat(failure.fields()).hasSize(1);
        assertThat(failure.fields().getFirst().getField()).isEqualTo("update_mask[1]");
        assertThat(failure.message()).contains("acess_log.x", "outbound_traffic_policy");
    }

    @Test
    void aMaskedUpdateThatIsSentAgainIsAReplayEvenAfterOtherUpdates() {
        var _ = create("bookinfo");
        UpdateMeshRequest.Builder request = UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder().setDisplayName("Books"))
                .addUpdateMask("display_name")
                .setOptions(WriteOptions.newBuilder().setRequestId("u-1"));
        Position position = update(request).getWrite().getPosition();
        var _ = update(UpdateMeshRequest.newBuilder()
                .setSpec(MeshSpec.newBuilder()
                        .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true)))
                .addUpdateMask("access_log"));

        MeshWriteResponse again = update(request);

        assertThat(again.getWrite().getReplayed()).isTrue();
        assertThat(again.getWrite().getPosition()).isEqualTo(position);
        Failures other =
                Failures.of(() -> update(request.setSpec(MeshSpec.newBuilder().setDisplayName("Other"))));
        assertThat(other.reason()).isEqualTo("REQUEST_ID_REUSED");
    }

    @Test
    void anUpgradeGoesOneMinorVersionAtATime() {
        var _ = server.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setSpec(MeshSpec.newBuilder().setVersion("1.25"))
                        .build());

        Failures tooFar = Failures.of(() -> upgrade("1.27"));
        MeshWriteResponse upgraded = upgrade("1.26");

        assertThat(tooFar.reason()).isEqualTo("VERSION_NOT_SUPPORTED");
        assertThat(upgraded.getMesh().getSpec().getVersion()).isEqualTo("1.26");
    }

    private MeshWriteResponse upgrade(String version) {
        return server.meshes()
                .upgradeMesh(UpgradeMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setVersion(version)
                        .build());
    }

    @Test
    void aMeshWithClustersIsDeletedOnlyAfterThem() {
        Bookinfo.create(server);
        Bookinfo.register(server, "reviews");
        DeleteMeshRequest delete =
                DeleteMeshRequest.newBuilder().setName(Bookinfo.MESH).build();

        Failures refused = Failures.of(() -> server.meshes().deleteMesh(delete));
        var _ = server.clusters()
                .removeCluster(RemoveClusterRequest.newBuilder()
                        .setName(Bookinfo.CLUSTER)
                        .build());
        var _ = server.meshes().deleteMesh(delete);

        assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refused.reason()).isEqualTo("CLUSTER_STILL_ATTACHED");
        assertThat(refused.detail(com.google.rpc.PreconditionFailure.class)
                        .orElseThrow()
                        .getViolations(0)
                        .getDescription())
                .contains("k8s-1", "remove them first");
        assertThat(server.region()
                        .inventories()
                        .all(Bookinfo.ID)
                        .toCompletableFuture()
                        .join())
                .doesNotContainKey("k8s-1");
        assertThat(server.meshes()
                        .getMesh(GetMeshRequest.newBuilder()
                                .setName(Bookinfo.MESH)
                                .build())
                        .getState())
                .isEqualTo(Mesh.State.DELETED);
    }

    @Test
    void aReadOfAPositionThatIsNotThereYetEndsBeforeTheDeadlineAndSaysWhatIsHeld() {
        Position created = create("bookinfo").getWrite().getPosition();

        Failures failure = Failures.of(() -> server.meshes()
                .withDeadlineAfter(600, TimeUnit.MILLISECONDS)
                .getMesh(GetMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setMinPosition(created.toBuilder().setSeq(created.getSeq() + 1))
                        .build()));

        assertThat(failure.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failure.reason()).isEqualTo("POSITION_NOT_REACHED");
        assertThat(failure.info().getMetadataOrThrow("held")).isEqualTo(created.getEpoch() + "." + created.getSeq());
        assertThat(failure.detail(com.google.rpc.RetryInfo.class)).isPresent();
    }

    @Test
    void aPositionThatAFailoverLeftBehindIsRolledBack() {
        Bookinfo.create(server);
        Position lost = Bookinfo.addCluster(server, "k8s-2");
        server.region()
                .meshes()
                .fork(Bookinfo.ID, lost.getSeq() - 1, server.region().id());

        Failures failure = Failures.of(() -> server.meshes()
                .getMesh(GetMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setMinPosition(lost)
                        .build()));

        assertThat(failure.code()).isEqualTo(Status.Code.ABORTED);
        assertThat(failure.reason()).isEqualTo("ROLLED_BACK");
    }
}
