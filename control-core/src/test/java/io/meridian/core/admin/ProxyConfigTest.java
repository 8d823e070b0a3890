package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.meridian.api.admin.v1.At;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.GetProxyConfigRequest;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ProxyConfigPart;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryMeshes;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyConfigTest {
    private static final String NODE = "sidecar~10.0.0.1~reviews-v1.default~default.svc.cluster.local";
    private static final String ROUTER = "router~10.0.0.2~reviews-v1.default~default.svc.cluster.local";

    private final List<InMemoryRegion> regions = InMemoryRegion.connected("eu-1", "us-1");
    private final RegionServer eu = RegionServer.of(regions.get(0));
    private final RegionServer us = RegionServer.of(regions.get(1));
    private Position created = Position.getDefaultInstance();

    @BeforeEach
    void createMesh() {
        created = eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder().setMeshId("bookinfo").build())
                .getWrite()
                .getPosition();
    }

    @AfterEach
    void close() {
        eu.close();
        us.close();
    }

    private static void connect(RegionServer region, String node) {
        String name = region.region().id().name();
        region.region()
                .proxies()
                .report(ProxyReport.newBuilder()
                        .setGateway(name + "-gateway")
                        .addUpdated(ProxyStatus.newBuilder()
                                .setMesh("bookinfo")
                                .setNode(node)
                                .setRegion(name)
                                .setGateway(name + "-gateway"))
                        .build());
        region.region()
                .proxies()
                .gatewayAnswers(
                        name + "-gateway",
                        (query, timeout) -> CompletableFuture.completedStage(List.of(ServedResource.newBuilder()
                                .setType(
                                        query.types().isEmpty()
                                                ? "all"
                                                : query.types().getFirst())
                                .setName(query.node() + " at " + name)
                                .build())));
    }

    private static GetProxyConfigRequest.Builder request(String node) {
        return GetProxyConfigRequest.newBuilder().setParent(Bookinfo.MESH).setNode(node);
    }

    private static List<ProxyConfigPart> get(RegionServer server, GetProxyConfigRequest.Builder request) {
        List<ProxyConfigPart> parts = new ArrayList<>();
        server.proxies().getProxyConfig(request.build()).forEachRemaining(parts::add);
        return parts;
    }

    private static Failures failure(GetProxyConfigRequest.Builder request, RegionServer server) {
        return Failures.of(() -> get(server, request));
    }

    private static String text(Failures failure) {
        return failure.message() + failure.fields();
    }

    @Test
    void theGatewayThatServesTheProxyIsAskedInWhateverRegion() {
        connect(us, NODE);

        for (RegionServer server : List.of(eu, us)) {
            List<ProxyConfigPart> parts =
                    get(server, request("reviews-v1.default").addTypes("RDS"));

            assertThat(parts).hasSize(1);
            assertThat(parts.getFirst().getProxy().getNode()).isEqualTo(NODE);
            assertThat(parts.getFirst().getResourcesList())
                    .extracting(ServedResource::getType, ServedResource::getName)
                    .containsExactly(tuple("RDS", NODE + " at us-1"));
        }
    }

    @Test
    void whatWasServedIsCompiledAgainFromTheLogAlsoForAProxyThatLeft() {
        eu.region()
                .proxies()
                .left(ProxyStatus.newBuilder()
                        .setMesh("bookinfo")
                        .setNode(NODE)
                        .setDisconnectedAtMs(
                                InMemoryMeshes.START.plusSeconds(3500).toEpochMilli())
                        .build());
        Position applied =
                Bookinfo.apply(eu, Bookinfo.virtualService("a", "a")).getWrite().getPosition();
        var _ = Bookinfo.apply(eu, Bookinfo.virtualService("b", "b"));

        ProxyConfigPart then = get(eu, request(NODE).setAt(At.newBuilder().setPosition(applied)))
                .getFirst();
        ProxyConfigPart bySeq = get(eu, request(NODE).setAt(At.newBuilder().setSeq(applied.getSeq())))
                .getFirst();

        assertThat(then.getPosition()).isEqualTo(applied);
        assertThat(then.getResourcesList()).extracting(ServedResource::getName).containsExactly("a");
        assertThat(then.getNotesList()).hasSize(2);
        assertThat(then.getNotes(0)).contains("inventory");
        assertThat(then.getNotes(1)).contains("not connected");
        assertThat(bySeq).isEqualTo(then);
    }

    @Test
    void badInputIsRefusedWithTheFieldAndWhatIsAllowed() {
        connect(eu, NODE);

        assertThat(failure(request("nobody.default"), eu))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo("PROXY_NOT_FOUND"))
                .satisfies(failure -> assertThat(text(failure)).contains("NAME.NAMESPACE"));
        assertThat(text(failure(request("reviews"), eu))).contains("there is reviews-v1.default");
        assertThat(text(failure(request(""), eu))).contains("node");
        assertThat(text(failure(request(NODE).addTypes("XDS"), eu)))
                .contains("\"XDS\" is none of CDS, EDS, LDS, RDS, SDS");
        assertThat(failure(request(NODE).setAt(At.newBuilder().setSeq(99)), eu).reason())
                .isEqualTo("POSITION_NOT_FOUND");
        assertThat(text(failure(request(NODE).setAt(At.newBuilder().setSeq(-1)), eu)))
                .contains("the first event has seq 1");
        assertThat(text(failure(request(NODE).setParent("bookinfo"), eu))).contains("meshes/MESH");
        assertThat(failure(
                                request(NODE)
                                        .setAt(At.newBuilder()
                                                .setPosition(created.toBuilder().setEpoch(created.getEpoch() + 64))),
                                eu)
                        .reason())
                .isNotEmpty();
    }

    @Test
    void aNameOfSeveralProxiesIsRefusedWithTheirIds() {
        connect(eu, NODE);
        connect(us, ROUTER);

        assertThat(text(failure(request("reviews-v1.default"), eu))).contains("names 2 proxies", NODE, ROUTER);
        assertThat(get(eu, request(ROUTER)).getFirst().getProxy().getRegion()).isEqualTo("us-1");
    }

    @Test
    void aProxyThatLeftIsListedAsDepartedAndHasNothingServedNow() {
        us.region()
                .proxies()
                .left(ProxyStatus.newBuilder()
                        .setMesh("bookinfo")
                        .setNode(NODE)
                        .setGateway("us-1-gateway")
                        .setRegion("us-1")
                        .setConduct(ProxyStatus.Conduct.newBuilder().setLastEnd("RESOURCE_EXHAUSTED: read nothing"))
                        .setDisconnectedAtMs(
                                InMemoryMeshes.START.plusSeconds(3500).toEpochMilli())
                        .build());

        assertThat(text(failure(request(NODE), eu)))
                .contains("not connected", "us-1-gateway", "RESOURCE_EXHAUSTED: read nothing");
        ListProxiesResponse list = eu.proxies()
                .listProxies(
                        ListProxiesRequest.newBuilder().setParent(Bookinfo.MESH).build());
        assertThat(list.getProxiesList()).isEmpty();
        assertThat(list.getDepartedList()).extracting(ProxyStatus::getNode).containsExactly(NODE);

        connect(eu, NODE);
        assertThat(eu.proxies()
                        .listProxies(ListProxiesRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .build())
                        .getDepartedList())
                .isEmpty();
    }
}
