package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.grpc.Status;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.position.Epoch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three regions that know each other, asked at eu-1. */
class RegionsTest {
    private final List<RegionServer> servers = InMemoryRegion.connected("eu-1", "us-1", "ap-1").stream()
            .map(RegionServer::of)
            .toList();
    private final RegionServer eu = servers.get(0);
    private final RegionServer us = servers.get(1);
    private final RegionServer ap = servers.get(2);

    @AfterEach
    void close() {
        servers.forEach(RegionServer::close);
    }

    private MeshWriteResponse createIn(String home) {
        return eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setHomeRegion(home)
                        .setOptions(WriteOptions.newBuilder().setRequestId("create-1"))
                        .build());
    }

    private static void connect(RegionServer server, String node, Position acknowledged) {
        server.region()
                .proxies()
                .report(ProxyReport.newBuilder()
                        .setGateway("gateway-" + server.region().id())
                        .addUpdated(ProxyStatus.newBuilder()
                                .setNode(node)
                                .setMesh("bookinfo")
                                .setRegion(server.region().id().name())
                                .setAcknowledged(acknowledged))
                        .build());
    }

    private WaitProxiesResponse await(Position position, int millis) {
        return eu.proxies()
                .waitProxies(WaitProxiesRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPosition(position)
                        .setTimeout(Duration.newBuilder().setNanos(millis * 1_000_000))
                        .build());
    }

    @Test
    void aMeshIsCreatedInTheHomeThatIsAskedFor() {
        MeshWriteResponse created = createIn("us-1");
        MeshWriteResponse again = createIn("us-1");

        assertThat(created.getMesh().getHomeRegion()).isEqualTo("us-1");
        assertThat(created.getWrite().getPosition().getEpoch() % 64).isEqualTo(2);
        assertThat(again.getWrite().getReplayed()).isTrue();
    }

    @Test
    void aHomeThatIsDownIsUnavailableAndSaysWhenToTryAgain() {
        us.region().cutOff();

        Failures failure = Failures.of(() -> createIn("us-1"));

        assertThat(failure.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failure.reason()).isEqualTo("REGION_UNAVAILABLE");
        assertThat(failure.message()).contains("us-1");
        assertThat(failure.detail(com.google.rpc.RetryInfo.class)
                        .orElseThrow()
                        .getRetryDelay()
                        .getSeconds())
                .isEqualTo(1);
    }

    @Test
    void aWriteToAReplicaGoesToTheHomeAndItsPositionComesBack() {
        var _ = createIn("us-1");

        ApplyResourcesResponse applied = apply(eu, virtualService("a", "a"));

        assertThat(applied.getWrite().getPosition())
                .isEqualTo(us.region()
                        .meshes()
                        .state(Bookinfo.ID)
                        .head()
                        .position()
                        .toProto());
        assertThat(us.region().meshes().events(Bookinfo.ID).getLast().header().getOriginRegion())
                .isEqualTo("eu-1");
    }

    @Test
    void aDeletedMeshKeepsItsHome() {
        var _ = createIn("us-1");
        var _ = eu.meshes()
                .deleteMesh(io.meridian.api.admin.v1.DeleteMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .build());

        Failures failure = Failures.of(() -> eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setHomeRegion("ap-1")
                        .build()));
        MeshWriteResponse created = eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder().setMeshId("bookinfo").build());

        assertThat(failure.reason()).isEqualTo("HOME_IS_ELSEWHERE");
        assertThat(created.getMesh().getHomeRegion()).isEqualTo("us-1");
    }

    @Test
    void aReplicaThatIsBehindAnswersAWriteWithoutShowingTheMesh() {
        var _ = createIn("us-1");
        eu.region().holdReplication();

        MeshWriteResponse updated = eu.meshes()
                .updateMesh(UpdateMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setSpec(MeshSpec.newBuilder().setDisplayName("Books"))
                        .build());

        assertThat(updated.hasMesh()).isFalse();
        assertThat(updated.getWrite().getPosition().getSeq()).isPositive();
    }

    @Test
    void aMaskedUpdateAtAReplicaThatIsBehindIsTriedUntilItCaughtUp() {
        var _ = createIn("us-1");
        eu.region().holdReplication();
        var _ = us.meshes()
                .updateMesh(UpdateMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setSpec(MeshSpec.newBuilder().setDisplayName("Books"))
                        .addUpdateMask("display_name")
                        .build());
        var joined = CompletableFuture.runAsync(
                eu.region()::join, CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));

        MeshWriteResponse updated = eu.meshes()
                .updateMesh(UpdateMeshRequest.newBuilder()
                        .setName(Bookinfo.MESH)
                        .setSpec(MeshSpec.newBuilder()
                                .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true)))
                        .addUpdateMask("access_log.enabled")
                        .build());

        joined.join();
        assertThat(updated.getMesh().getSpec().getDisplayName()).isEqualTo("Books");
        assertThat(updated.getMesh().getSpec().getAccessLog().getEnabled()).isTrue();
    }

    @Test
    void proxiesOfAllRegionsAreListedAndTheRegionsThatDoNotAnswerNamed() {
        Position position = createIn("eu-1").getWrite().getPosition();
        connect(eu, "a", position);
        connect(us, "b", position);
        ap.region().cutOff();

        ListProxiesResponse list = eu.proxies()
                .listProxies(
                        ListProxiesRequest.newBuilder().setParent(Bookinfo.MESH).build());

        assertThat(list.getProxiesList()).extracting(ProxyStatus::getNode).containsExactly("a", "b");
        assertThat(list.getUnreachableRegionsList()).containsExactly("ap-1");
        assertThat(list.getHead()).isEqualTo(position);
    }

    @Test
    void aPlanForAHomeThatDiedAMomentAgoIsAFailover() {
        var _ = createIn("eu-1");
        PlanFailoverRequest request = PlanFailoverRequest.newBuilder()
                .setMesh(Bookinfo.MESH)
                .setToRegion("us-1")
                .build();
        assertThat(us.regions().planFailover(request).getAdvice()).isEqualTo("handover");

        eu.region().cutOffUnnoticed();

        FailoverPlan plan = us.regions().planFailover(request);
        assertThat(plan.getHomeReachable()).isFalse();
        assertThat(plan.getUnreachableVotersList()).containsExactly("eu-1");
        assertThat(plan.getAdvice()).isEqualTo("failover");
    }

    @Test
    void waitingEndsWhenTheLastProxyOfAnyRegionAcknowledged() {
        Position created = createIn("eu-1").getWrite().getPosition();
        Position applied = apply(eu, virtualService("a", "a")).getWrite().getPosition();
        connect(eu, "a", applied);
        connect(us, "b", created);
        var acknowledges = CompletableFuture.runAsync(
                () -> connect(us, "b", applied), CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));

        WaitProxiesResponse waited = await(applied, 999);

        acknowledges.join();
        assertThat(waited.getDone()).isTrue();
        assertThat(waited.getProxies()).isEqualTo(2);
        assertThat(waited.getPendingList()).isEmpty();
    }

    @Test
    void waitingEndsAtItsDeadlineWithThoseThatHaveNot() {
        Position created = createIn("eu-1").getWrite().getPosition();
        Position applied = apply(eu, virtualService("a", "a")).getWrite().getPosition();
        connect(eu, "a", applied);
        connect(us, "b", created);
        connect(us, "c", Position.getDefaultInstance());

        WaitProxiesResponse waited = await(applied, 150);

        assertThat(waited.getDone()).isFalse();
        assertThat(waited.getPendingList()).extracting(ProxyStatus::getNode).containsExactly("b", "c");
    }

    @Test
    void aPositionThatIsNotThereYetIsNotReachedEvenWithoutProxies() {
        Position created = createIn("eu-1").getWrite().getPosition();

        WaitProxiesResponse now = await(created, 900);
        WaitProxiesResponse beyond =
                await(created.toBuilder().setSeq(created.getSeq() + 1).build(), 150);

        assertThat(now.getDone()).isTrue();
        assertThat(now.getProxies()).isZero();
        assertThat(beyond.getDone()).isFalse();
    }

    @Test
    void waitingForAnAbandonedPositionEndsAtOnce() {
        var _ = createIn("eu-1");
        Position lost = apply(eu, virtualService("a", "a")).getWrite().getPosition();
        connect(eu, "a", Position.getDefaultInstance());
        eu.region().meshes().fork(Bookinfo.ID, lost.getSeq() - 1, eu.region().id());

        Failures failure = Failures.of(() -> await(lost, 900));

        assertThat(failure.reason()).isEqualTo("ROLLED_BACK");
    }

    @Test
    void regionsAreListedWithTheirRolesHeadsAndLag() {
        var _ = createIn("us-1");
        ap.region().holdReplication();
        var _ = apply(eu, virtualService("a", "a"));

        List<Region> regions = eu.regions()
                .listRegions(
                        ListRegionsRequest.newBuilder().setMesh(Bookinfo.MESH).build())
                .getRegionsList();

        assertThat(regions).extracting(Region::getName).containsExactly("ap-1", "eu-1", "us-1");
        assertThat(regions)
                .extracting(region -> region.getMeshes(0).getRole() + " "
                        + region.getMeshes(0).getLagEvents() + " " + region.getLocal())
                .containsExactly("REPLICA 1 false", "REPLICA 0 true", "HOME 0 false");
        assertThat(regions.getFirst().getMeshes(0).getLag().getSeconds()).isPositive();
        assertThat(regions)
                .as("in step, or since the event that it lacks was written")
                .extracting(region -> region.getMeshes(0).getSinceProgress())
                .containsExactly(
                        regions.getFirst().getMeshes(0).getLag(),
                        Duration.getDefaultInstance(),
                        Duration.getDefaultInstance());
        assertThat(regions.get(1).getAdminAddress()).isEqualTo("127.0.0.1:9901");
        assertThat(regions.get(2).getXdsAddress()).isEqualTo("us-1.example:15010");
        assertThat(eu.regions()
                        .listRegions(ListRegionsRequest.getDefaultInstance())
                        .getRegionsList())
                .isEqualTo(regions);
    }

    @Test
    void theHomesPhaseIsShown() {
        var _ = createIn("us-1");
        assertThat(phases()).containsExactly("", "", "ACTIVE");

        us.region().meshes().promise(Bookinfo.ID, new Epoch(65));
        assertThat(phases()).as("promised to eu-1").containsExactly("", "", "FENCED");
        us.region().meshes().promise(Bookinfo.ID, new Epoch(2));

        us.region().meshes().record(Bookinfo.ID, new MeshEvent.HandoverStarted("ap-1"));
        assertThat(phases()).containsExactly("", "", "DRAINING");

        us.region().meshes().record(Bookinfo.ID, new MeshEvent.SegmentSealed(new Epoch(3), "ap-1"));
        assertThat(phases()).containsExactly("", "", "SEALED");
        assertThat(eu.regions()
                        .planFailover(PlanFailoverRequest.newBuilder()
                                .setMesh(Bookinfo.MESH)
                                .setToRegion("eu-1")
                                .build())
                        .getObstaclesList())
                .containsExactly("the home is being handed over to region ap-1");
    }

    private List<String> phases() {
        return eu
                .regions()
                .listRegions(
                        ListRegionsRequest.newBuilder().setMesh(Bookinfo.MESH).build())
                .getRegionsList()
                .stream()
                .map(region -> region.getMeshes(0).getPhase())
                .toList();
    }

    @Test
    void aRegionThatIsDownIsShownSo() {
        us.region().cutOff();

        Region down = eu.regions()
                .listRegions(ListRegionsRequest.getDefaultInstance())
                .getRegions(2);

        assertThat(down.getName()).isEqualTo("us-1");
        assertThat(down.getReachable()).isFalse();
        assertThat(down.getSilentFor().getSeconds()).isEqualTo(7);
    }
}
