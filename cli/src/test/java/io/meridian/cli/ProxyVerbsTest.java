package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListRegionsResponse;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyVerbsTest {
    private static final ProxyStatus SYNCED = Bookinfo.proxy("reviews-v1", ProxyStatus.State.SYNCED, 12, "").toBuilder()
            .clearLag()
            .build();
    private static final ProxyStatus REJECTED =
            Bookinfo.proxy("reviews-v2", ProxyStatus.State.REJECTED, 11, "duplicate listener");

    private final List<WaitProxiesRequest> waits = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Proxies(), new Regions());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Proxies extends ProxyServiceGrpc.ProxyServiceImplBase {
        @Override
        public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> answer) {
            answer.onNext(ListProxiesResponse.newBuilder()
                    .addProxies(SYNCED)
                    .addProxies(REJECTED)
                    .addUnreachableRegions("ap-1")
                    .setHead(Bookinfo.position(64, 12))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void waitProxies(WaitProxiesRequest request, StreamObserver<WaitProxiesResponse> answer) {
            waits.add(request);
            boolean done = request.getPosition().getSeq() <= 11;
            WaitProxiesResponse.Builder response =
                    WaitProxiesResponse.newBuilder().setDone(done).setProxies(2);
            if (!done) {
                response.addPending(REJECTED);
            }
            answer.onNext(response.build());
            answer.onCompleted();
        }
    }

    private static final class Regions extends RegionServiceGrpc.RegionServiceImplBase {
        @Override
        public void listRegions(ListRegionsRequest request, StreamObserver<ListRegionsResponse> answer) {
            answer.onNext(ListRegionsResponse.newBuilder()
                    .addRegions(Region.newBuilder()
                            .setName("eu-1")
                            .setLocal(true)
                            .setReachable(true)
                            .addMeshes(Region.MeshInRegion.newBuilder()
                                    .setMesh("meshes/bookinfo")
                                    .setRole("home")
                                    .setHead(Bookinfo.position(64, 12))))
                    .addRegions(Region.newBuilder()
                            .setName("us-1")
                            .setSilentFor(
                                    com.google.protobuf.Duration.newBuilder().setSeconds(75))
                            .addMeshes(Region.MeshInRegion.newBuilder()
                                    .setMesh("meshes/bookinfo")
                                    .setRole("follower")
                                    .setHead(Bookinfo.position(64, 10))
                                    .setLagEvents(2)
                                    .setLag(com.google.protobuf.Duration.newBuilder()
                                            .setSeconds(75))))
                    .build());
            answer.onCompleted();
        }
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    @Test
    void proxiesAreATableWithAColumnForEachType() {
        Run run = cli().run("proxies");
        assertThat(run.out()).isEqualTo("""
                        PROXY                CLUSTER   REGION   GATEWAY   STATE      CDS      LDS        POSITION   LAG    AGE
                        reviews-v1.default   k8s-1     us-1     us-1-0    SYNCED     SYNCED   SYNCED     64.12      0s     95s
                        reviews-v2.default   k8s-1     us-1     us-1-0    REJECTED   SYNCED   REJECTED   64.11      1.3s   95s
                        """);
        assertThat(run.err()).isEqualTo("""
                        Warning: reviews-v2.default refused LDS: duplicate listener
                        Warning: region ap-1 did not answer; its proxies are not in the list
                        """);
    }

    @Test
    void proxiesAsJsonHaveStateTypesPositionLagAndNack() {
        assertThat(cli().run("proxies", "-o", "json").out())
                .startsWith("{\n  \"proxies\": [\n    {\n")
                .contains("\"state\": \"REJECTED\"")
                .contains("\"lag\": \"1.25s\"")
                .contains("\"lagMs\": 1250")
                .contains("\"nack\": \"LDS: duplicate listener\"")
                .contains("""
                              "position": {
                                "mesh": "bookinfo",
                                "epoch": 64,
                                "seq": 11
                              },
                        """)
                .contains("\"unreachableRegions\": [\n    \"ap-1\"\n  ]");
    }

    @Test
    void waitReturnsWhenAllHaveIt() {
        assertThat(cli().run("wait", "--position", "64.11", "--timeout", "10s"))
                .isEqualTo(new Run(0, "2 proxies acknowledged 64.11 or later\n", ""));
        assertThat(waits.getFirst().getTimeout().getSeconds()).isBetween(8L, 10L);
    }

    @Test
    void waitNamesThoseThatHaveNotAtTheDeadline() {
        Run run = cli().run("wait", "--position", "64.12", "--timeout", "100ms");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("not yet: 1 of 2 proxies have not acknowledged 64.12:\n")
                .contains("reviews-v2.default")
                .endsWith("Warning: reviews-v2.default refused LDS: duplicate listener\n");
        assertThat(cli().run("wait", "--position", "64.12", "-o", "json").out())
                .startsWith("{\n  \"done\": false,\n  \"position\": {\n");
    }

    @Test
    void regionsSayHowFarTheyAre() {
        assertThat(cli().run("regions", "--mesh", "bookinfo").out()).isEqualTo("""
                        REGION   REACHABLE   SILENT   MESH       ROLE       HEAD    LAG
                        eu-1     yes         -        bookinfo   home       64.12   0
                        us-1     NO          75s      bookinfo   follower   64.10   2 events, 75s
                        """);
    }
}
