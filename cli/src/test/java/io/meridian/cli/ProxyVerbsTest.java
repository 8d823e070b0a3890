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
            refused(Bookinfo.proxy("reviews-v2", ProxyStatus.State.REJECTED, 11, "duplicate listener"));

    private final List<WaitProxiesRequest> waits = new CopyOnWriteArrayList<>();
    private final List<ProxyStatus> more = new CopyOnWriteArrayList<>();
    private final List<ProxyStatus> departed = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Proxies(), new Regions());

    private static ProxyStatus refused(ProxyStatus status) {
        long at = Cli.NOW.toEpochMilli() - 5_000;
        ProxyStatus.TypeStatus listeners = status.getTypes(1).toBuilder()
                .setSent(ProxyStatus.Sent.newBuilder()
                        .setPosition(Bookinfo.position(64, 12))
                        .setVersion("v7")
                        .setAtMs(at)
                        .setResources(3))
                .setRejected(ProxyStatus.Rejection.newBuilder()
                        .setPosition(Bookinfo.position(64, 12))
                        .setVersion("v7")
                        .setMessage("duplicate listener")
                        .addResources(ProxyStatus.RejectedResource.newBuilder()
                                .setName("0.0.0.0_9080")
                                .setVersion("abcd"))
                        .setMoreResources(2)
                        .addObjects(ProxyStatus.Cause.newBuilder()
                                .setObject(Bookinfo.reviews())
                                .setModified(Bookinfo.position(64, 12)))
                        .setEvent(Bookinfo.position(64, 12))
                        .setAtMs(at))
                .build();
        return status.toBuilder().setTypes(1, listeners).build();
    }

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
                    .addAllProxies(more)
                    .addAllDeparted(departed)
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
                response.addPending(REJECTED).addAllPending(more);
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
                                    .setPhase("ACTIVE")
                                    .setDurability("SYNC(1)")
                                    .setOpenBranches(2)
                                    .setSinceProgress(com.google.protobuf.Duration.getDefaultInstance())
                                    .setHead(Bookinfo.position(64, 12))))
                    .addRegions(Region.newBuilder()
                            .setName("us-1")
                            .setSilentFor(
                                    com.google.protobuf.Duration.newBuilder().setSeconds(75))
                            .addMeshes(Region.MeshInRegion.newBuilder()
                                    .setMesh("meshes/bookinfo")
                                    .setRole("follower")
                                    .setDurability("SYNC(1)")
                                    .setPromisedEpoch(130)
                                    .setSinceProgress(com.google.protobuf.Duration.newBuilder()
                                            .setSeconds(80))
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
                        Warning: reviews-v2.default refused LDS: duplicate listener (from VirtualService default/reviews, event 64.12)
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
    void whoMisbehavesIsNamedWithHisPeer() {
        long now = Cli.NOW.toEpochMilli();
        departed.add(SYNCED.toBuilder()
                .setNode("sidecar~10.0.0.9~deaf.default~default.svc.cluster.local")
                .setPeer("10.0.0.9:4711")
                .setDisconnectedAtMs(now - 3_000)
                .setConduct(ProxyStatus.Conduct.newBuilder()
                        .setStreamsLastMinute(1)
                        .setLastEnd("RESOURCE_EXHAUSTED: this client has read nothing for PT1M"))
                .build());
        departed.add(SYNCED.toBuilder()
                .setNode("sidecar~10.0.0.8~restless.default~default.svc.cluster.local")
                .setPeer("10.0.0.8:4712")
                .setDisconnectedAtMs(now - 100)
                .setConduct(ProxyStatus.Conduct.newBuilder()
                        .setStreamsLastMinute(300)
                        .setLastEnd("the client closed it"))
                .build());

        assertThat(cli().run("proxies").err())
                .contains("Warning: deaf.default (10.0.0.9:4711) was cut off 3s ago: RESOURCE_EXHAUSTED: this client")
                .contains("Warning: restless.default (10.0.0.8:4712) opened 300 streams in a minute; the last one"
                        + " ended: the client closed it");
        assertThat(cli().run("proxies", "-o", "json").out())
                .contains("\"departed\": [")
                .contains("10.0.0.8:4712");
    }

    @Test
    void oneProxyIsShownWithWhatItRefusedAndWhy() {
        Run run = cli().run("proxies", "reviews-v2.default");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("Node:            sidecar~127.0.0.1~reviews-v2.default~default.svc.cluster.local\n")
                .contains("Gateway:         us-1-0 in region us-1\n")
                .contains("State:           REJECTED, behind for 1.3s\n")
                .contains("LDS    REJECTED   4           64.11          64.12   v7             5s\n")
                .contains("LDS refused 2026-")
                .contains("  Message:       duplicate listener\n")
                .contains("  Response:      version v7, compiled at 64.12\n")
                .contains("  Resources:     0.0.0.0_9080 (version abcd) and 2 more\n")
                .contains("  Made of:       VirtualService default/reviews, changed by event 64.12\n")
                .contains("  Event:         64.12 ('meridian history 64.12' shows who did what)\n")
                .doesNotContain("reviews-v1");
        assertThat(cli().run("proxies", "nobody.default"))
                .isEqualTo(
                        new Run(
                                4,
                                "",
                                "error: no proxy is called \"nobody.default\"; 'meridian proxies' lists those that are connected\n"));
    }

    private static ProxyStatus held(String name) {
        return Bookinfo.proxy(name, ProxyStatus.State.HELD, 11, "").toBuilder()
                .addHeld(ProxyStatus.HeldResource.newBuilder()
                        .setType("RDS")
                        .setName("9080")
                        .setVersion("abcd")
                        .setCanaries(3)
                        .setRefused(2)
                        .setMessage("no such filter")
                        .addObjects(ProxyStatus.Cause.newBuilder()
                                .setObject(Bookinfo.reviews())
                                .setModified(Bookinfo.position(64, 12)))
                        .setEvent(Bookinfo.position(64, 12))
                        .setAtMs(Cli.NOW.toEpochMilli() - 5_000))
                .build();
    }

    @Test
    void aHaltedRolloutIsToldOnceForAllThatAreKeptFromIt() {
        more.add(held("ratings-v1"));
        more.add(held("ratings-v2"));
        String halt =
                "Warning: the roll-out of RDS 9080 is halted at gateway us-1-0: 2 of 3 canaries refused it: no such filter"
                        + " (from VirtualService default/reviews, event 64.12); 2 proxies keep the version before\n";

        Run run = cli().run("proxies");
        assertThat(run.out()).contains("ratings-v1.default   k8s-1     us-1     us-1-0    HELD");
        assertThat(run.err()).containsOnlyOnce(halt);
        assertThat(cli().run("wait", "--position", "64.12", "--timeout", "100ms")
                        .err())
                .containsOnlyOnce(halt);

        assertThat(cli().run("proxies", "ratings-v1.default").out())
                .contains("State:           HELD, behind for 1.3s\n")
                .contains("RDS 9080 is kept on the version before, as canaries refused another 2026-")
                .contains("  Refused:       2 of 3 canaries\n")
                .contains("  Message:       no such filter\n")
                .contains("  Version:       abcd\n")
                .contains("  Made of:       VirtualService default/reviews, changed by event 64.12\n")
                .contains("  Event:         64.12 ('meridian history 64.12' shows who did what)\n");
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
                .endsWith(
                        "Warning: reviews-v2.default refused LDS: duplicate listener (from VirtualService default/reviews, event 64.12)\n");
        assertThat(cli().run("wait", "--position", "64.12", "-o", "json").out())
                .startsWith("{\n  \"done\": false,\n  \"position\": {\n");
    }

    @Test
    void regionsSayHowFarTheyAre() {
        assertThat(cli().run("regions", "--mesh", "bookinfo").out()).isEqualTo("""
                        REGION   REACHABLE   SILENT   MESH       ROLE       PHASE    HEAD    LAG             PROGRESS   DURABILITY   BRANCHES
                        eu-1     yes         -        bookinfo   home       ACTIVE   64.12   0               0s         SYNC(1)      2 open
                        us-1     NO          75s      bookinfo   follower   -        64.10   2 events, 75s   80s        SYNC(1)      -
                        """);
        assertThat(cli().run("regions", "--mesh", "bookinfo", "-o", "json").out())
                .contains("\"sinceProgress\": \"80s\"", "\"openBranches\": 2", "\"phase\": \"ACTIVE\"")
                .contains("\"promisedEpoch\": 130");
        assertThat(cli().run("regions", "-o", "wide").out()).contains("PROMISED", "130");
    }
}
