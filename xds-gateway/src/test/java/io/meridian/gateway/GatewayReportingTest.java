package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.ConfigAnswer;
import io.meridian.api.feed.v1.ConfigRequest;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gateway tells the core, and so operators, of its proxies. */
class GatewayReportingTest extends WholeGateway {
    @Test
    void whatAProxyWasSentAndHoldsIsToldThoughItNeverFellBehind() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        String before = type(core, proxy, "EDS").getSent().getVersion();

        core.service("bookinfo", "reviews", "reviews", 9080, 9081);
        Await.until(() -> !type(core, proxy, "EDS").getSent().getVersion().equals(before), () -> core.proxies);
        assertThat(type(core, proxy, "CDS").getResources()).isEqualTo(1);

        core.service("bookinfo", "ratings", "ratings", 9080);
        core.route("bookinfo", "second", 8081, "ratings", "/");
        Await.until(
                () -> type(core, proxy, "CDS").getResources() == 2
                        && type(core, proxy, "EDS").getResources() == 2
                        && type(core, proxy, "RDS").getResources() == 2,
                () -> core.proxies);
        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(core.reports)
                .anySatisfy(report -> assertThat(report.getDeliveredList()).isNotEmpty());
    }

    private static ProxyStatus.TypeStatus type(TestCore core, DeltaProxy proxy, String type) {
        return core.proxy(proxy.id()).orElseThrow().getTypesList().stream()
                .filter(each -> each.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRefusedResponseIsReportedWithItsTextUntilItIsMended() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy picky = new DeltaProxy(
                        gateway.address(),
                        DeltaProxy.node("picky", "bookinfo"),
                        response -> response.getResourcesList().stream()
                                .anyMatch(resource -> resource.getName().equals("bad")))
                .connect();
        open.add(picky);
        Position good = core.head("bookinfo");
        awaitSynced(core, picky, good);

        Position bad = core.route("bookinfo", "bad", 8082, "reviews", "/");

        Await.until(
                () -> core.proxy(picky.id()).orElseThrow().getTypesList().stream()
                        .anyMatch(type -> type.getRejected().hasEvent()),
                () -> core.proxies);
        ProxyStatus.TypeStatus listeners = core.proxy(picky.id()).orElseThrow().getTypesList().stream()
                .filter(type -> type.getType().equals("LDS"))
                .findFirst()
                .orElseThrow();
        ProxyStatus.Rejection rejection = listeners.getRejected();
        assertThat(rejection.getMessage()).isEqualTo("refused by the test");
        assertThat(rejection.getResourcesList())
                .extracting(ProxyStatus.RejectedResource::getName)
                .containsExactly("bad");
        assertThat(rejection.getVersion()).isEqualTo(listeners.getSent().getVersion());
        assertThat(Position.of(rejection.getPosition())).isEqualTo(bad);
        assertThat(rejection.getObjectsList())
                .extracting(ProxyStatus.Cause::getObject)
                .containsExactly(MeshFixture.virtualService("default", "bad").toProto());
        assertThat(Position.of(rejection.getEvent())).isEqualTo(bad);
        ProxyStatus rejected = core.proxy(picky.id()).orElseThrow();
        assertThat(rejected.getTypesList())
                .filteredOn(type -> type.getState() == ProxyStatus.State.REJECTED)
                .extracting(ProxyStatus.TypeStatus::getType, ProxyStatus.TypeStatus::getNack)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("LDS", "refused by the test"));
        assertThat(Position.of(rejected.getAcknowledged())).isEqualTo(good);
        assertThat(meters.get("pilot.total.xds.rejects")
                        .tag("type", "lds")
                        .counter()
                        .count())
                .isEqualTo(1);
        Position mended = core.unroute("bookinfo", "bad");
        awaitSynced(core, picky, mended);
    }

    @Test
    void anEventThatTouchesNoProxyIsToldToTheCoreAsAPosition() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        int reports = core.reports.size();

        Position namespace =
                core.run("bookinfo", new MeshCommand.CreateNamespace("untouched", NamespaceSpec.getDefaultInstance()));

        awaitSynced(core, proxy, namespace);
        List<ProxyReport> since = List.copyOf(core.reports.subList(reports, core.reports.size()));
        assertThat(since)
                .allSatisfy(report -> assertThat(report.getUpdatedList()).isEmpty());
        assertThat(since).flatExtracting(ProxyReport::getAdvancedList).containsExactly(namespace.toProto());
    }

    @Test
    void whatAProxyIsServedIsToldOnRequest() throws Exception {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Position changed = core.route("bookinfo", "main", 8080, "reviews", "/v2");
        awaitSynced(core, proxy, changed);

        core.askConfig(ConfigRequest.newBuilder()
                .setId(7)
                .setMesh("bookinfo")
                .setNode(proxy.id())
                .addTypes("RDS")
                .setName("main")
                .build());

        Await.until(() -> core.answers.size() == 1, () -> core.answers);
        ConfigAnswer answer = core.answers.getFirst();
        assertThat(answer.getId()).isEqualTo(7);
        assertThat(answer.getLast()).isTrue();
        assertThat(answer.getFailure()).isEmpty();
        assertThat(answer.getResourcesList()).hasSize(1);
        ServedResource route = answer.getResources(0);
        assertThat(route.getVersion()).isEqualTo(proxy.held(XdsType.ROUTE).get("main"));
        assertThat(route.getState()).isEqualTo(ProxyStatus.State.SYNCED);
        assertThat(Position.of(route.getCompiledFrom())).isEqualTo(changed);
        assertThat(route.getJson().toStringUtf8())
                .contains("\"prefix\":\"/v2\"")
                .startsWith("{\"name\":\"main\"");

        core.askConfig(ConfigRequest.newBuilder()
                .setId(8)
                .setMesh("bookinfo")
                .setNode("nobody")
                .build());
        Await.until(() -> core.answers.size() == 2, () -> core.answers);
        assertThat(core.answers.getLast().getFailure())
                .contains("not connected")
                .contains("gw-1");
    }

    @Test
    void aClientThatConnectsInALoopIsSeenEvenWhileItIsAway() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy restless = proxy(gateway, "restless", "bookinfo");
        for (int i = 0; i < 5; i++) {
            awaitSynced(core, restless, core.head("bookinfo"));
            restless.disconnect();
            Await.until(() -> core.proxies.isEmpty(), () -> core.proxies);
            restless.connect();
        }
        awaitSynced(core, restless, core.head("bookinfo"));

        ProxyStatus.Conduct conduct = core.proxy(restless.id()).orElseThrow().getConduct();
        assertThat(conduct.getStreamsLastMinute()).isEqualTo(6);
        assertThat(conduct.getLastEnd()).isEqualTo("the client closed it");
        ProxyStatus departed = core.departed.getLast();
        assertThat(departed.getNode()).isEqualTo(restless.id());
        assertThat(departed.getPeer()).startsWith("127.0.0.1:");
        assertThat(departed.getDisconnectedAtMs()).isPositive();
        assertThat(departed.getConduct().getStreamsLastMinute()).isEqualTo(5);
    }
}
