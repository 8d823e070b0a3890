package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.gateway.internal.rollout.Nodes;
import io.meridian.gateway.internal.rollout.Stages;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Canaries first, over the wire: one canary that refuses listeners called "bad" and routes to "nowhere", and two others that would too. */
class CanariesTest extends WholeGateway {
    private static final String CANARY = Nodes.named(true, "canary");
    private static final String OTHER = Nodes.named(false, "other");
    private static final String ANOTHER = Nodes.named(false, "another");

    private static boolean refuses(DeltaDiscoveryResponse response) {
        return response.getResourcesList().stream()
                .anyMatch(resource -> resource.getName().equals("bad")
                        || resource.getResource().getValue().toStringUtf8().contains("nowhere"));
    }

    private static Position rollout(TestCore core, double canaries) {
        return rollout(core, MeshSpec.Rollout.newBuilder().setCanaryPercent(canaries));
    }

    private static Position rollout(TestCore core, MeshSpec.Rollout.Builder policy) {
        return core.run(
                "bookinfo",
                new MeshCommand.UpdateMesh(
                        MeshSpec.newBuilder().setRollout(policy).build(), List.of("rollout")));
    }

    /** Refuses nothing itself if it is no canary: what it would refuse must not come. */
    private DeltaProxy connect(Gateway gateway, String name, Predicate<DeltaDiscoveryResponse> refuses) {
        DeltaProxy proxy = new DeltaProxy(gateway.address(), DeltaProxy.node(name, "bookinfo"), refuses).connect();
        open.add(proxy);
        return proxy;
    }

    private static boolean isState(TestCore core, DeltaProxy proxy, ProxyStatus.State state) {
        return core.proxy(proxy.id())
                .filter(status -> status.getState() == state)
                .isPresent();
    }

    private static void awaitSynced(TestCore core, Position position, List<DeltaProxy> proxies) {
        proxies.forEach(proxy -> awaitSynced(core, proxy, position));
    }

    private double halted() {
        return meters.get("meridian.gateway.rollouts.halted").gauge().value();
    }

    @Test
    void whatACanaryRefusesReachesNobodyElseUntilItIsMended() throws IOException {
        TestCore core = bookinfo();
        rollout(core, 50);
        Gateway gateway = gateway(core);
        DeltaProxy canary = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        DeltaProxy another = connect(gateway, ANOTHER, response -> false);
        Position good = core.head("bookinfo");
        awaitSynced(core, good, List.of(canary, other, another));
        // What nobody refuses comes to all.
        Position fine = core.route("bookinfo", "main", 8080, "reviews", "/v1");
        awaitSynced(core, fine, List.of(canary, other, another));
        Map<String, String> routes = Map.copyOf(other.held(XdsType.ROUTE));

        Position bad = core.route("bookinfo", "main", 8080, "nowhere", "/");

        Await.until(() -> isState(core, other, ProxyStatus.State.HELD), () -> core.proxies);
        Await.until(() -> isState(core, another, ProxyStatus.State.HELD), () -> core.proxies);
        Await.until(() -> isState(core, canary, ProxyStatus.State.REJECTED), () -> core.proxies);
        assertThat(other.held(XdsType.ROUTE)).isEqualTo(routes);
        ProxyStatus held = core.proxy(other.id()).orElseThrow();
        assertThat(Position.of(held.getAcknowledged())).as("what it has all of").isEqualTo(fine);
        assertThat(Position.of(held.getServed())).isEqualTo(fine);
        assertThat(held.getHeldList()).singleElement().satisfies(what -> {
            assertThat(what.getType()).isEqualTo("RDS");
            assertThat(what.getName()).isEqualTo("main");
            assertThat(what.getCanaries()).isEqualTo(1);
            assertThat(what.getRefused()).isEqualTo(1);
            assertThat(what.getMessage()).isEqualTo("refused by the test");
            assertThat(what.getObjects(0).getObject())
                    .isEqualTo(MeshFixture.virtualService("default", "main").toProto());
            assertThat(Position.of(what.getEvent())).isEqualTo(bad);
        });
        assertThat(halted()).isEqualTo(1);

        // Everything else goes on, endpoints and configuration; the position does not.
        core.service("bookinfo", "ratings", "ratings", 9080);
        Position second = core.route("bookinfo", "second", 8081, "ratings", "/");
        Await.until(() -> other.held(XdsType.ROUTE).containsKey("second"), other::toString);
        Await.until(() -> other.held(XdsType.ENDPOINT).containsKey("ratings"), other::toString);
        assertThat(other.held(XdsType.ROUTE)).containsAllEntriesOf(routes);
        Await.until(() -> isState(core, other, ProxyStatus.State.HELD), () -> core.proxies);
        assertThat(Position.of(core.proxy(other.id()).orElseThrow().getAcknowledged()))
                .isEqualTo(fine)
                .isNotEqualTo(second);

        // Who comes back, and who is new, is not given it either.
        other.disconnect();
        Await.until(() -> core.proxy(other.id()).isEmpty(), () -> core.proxies);
        other.connect();
        DeltaProxy fresh = connect(gateway, Nodes.named(false, "fresh"), response -> false);
        for (DeltaProxy each : List.of(other, fresh)) {
            Await.until(() -> isState(core, each, ProxyStatus.State.HELD), () -> core.proxies);
            assertThat(each.held(XdsType.ROUTE)).containsAllEntriesOf(routes);
            assertThat(each.responses).noneMatch(CanariesTest::refuses);
        }

        Position mended = core.route("bookinfo", "main", 8080, "reviews", "/v2");
        for (DeltaProxy each : List.of(canary, other, another, fresh)) {
            awaitSynced(core, each, mended);
            assertThat(core.proxy(each.id()).orElseThrow().getHeldList()).isEmpty();
        }
        assertThat(other.held(XdsType.ROUTE)).isEqualTo(canary.held(XdsType.ROUTE));
        assertThat(another.responses).noneMatch(CanariesTest::refuses);
        assertThat(halted()).isZero();
    }

    @Test
    void aNewListenerThatACanaryRefusesIsNotThereForTheOthersAndWithoutCanariesItIs() throws IOException {
        TestCore core = bookinfo();
        rollout(core, 50);
        Gateway gateway = gateway(core);
        DeltaProxy canary = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(canary, other));

        core.route("bookinfo", "bad", 8082, "reviews", "/");

        Await.until(() -> isState(core, other, ProxyStatus.State.HELD), () -> core.proxies);
        assertThat(other.held(XdsType.LISTENER)).containsOnlyKeys("main");
        assertThat(core.proxy(other.id()).orElseThrow().getHeld(0).getType()).isEqualTo("LDS");

        Position off = rollout(core, 0);

        awaitSynced(core, other, off);
        assertThat(other.held(XdsType.LISTENER)).containsOnlyKeys("main", "bad");
        assertThat(halted()).isZero();
        Position next = core.route("bookinfo", "third", 8083, "reviews", "/");
        awaitSynced(core, other, next);
    }

    @Test
    void aGatewayThatIsStartedAgainRemembersWhatWasHalted() throws IOException {
        TestCore core = bookinfo();
        rollout(core, 50);
        Gateway first = gateway(core);
        DeltaProxy canary = connect(first, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(first, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(canary, other));
        Map<String, String> routes = Map.copyOf(other.held(XdsType.ROUTE));
        core.route("bookinfo", "main", 8080, "nowhere", "/");
        Await.until(() -> isState(core, other, ProxyStatus.State.HELD), () -> core.proxies);
        first.close();

        Gateway again = gateway(core);
        DeltaProxy back = connect(again, CANARY, CanariesTest::refuses);
        Await.until(() -> isState(core, back, ProxyStatus.State.REJECTED), () -> core.proxies);
        DeltaProxy fresh = connect(again, Nodes.named(false, "fresh"), response -> false);

        Await.until(() -> isState(core, fresh, ProxyStatus.State.HELD), () -> core.proxies);
        assertThat(fresh.held(XdsType.ROUTE)).isEqualTo(routes);
        assertThat(core.proxy(fresh.id()).orElseThrow().getHeld(0).getMessage()).isEqualTo("refused by the test");
        Position mended = core.route("bookinfo", "main", 8080, "reviews", "/v2");
        awaitSynced(core, fresh, mended);
    }

    @Test
    void aCanaryThatDoesNotAnswerHoldsTheOthersUpNoLongerThanItsTime() throws IOException {
        TestCore core = bookinfo();
        rollout(core, 50);
        Gateway gateway = gateway(core);
        DeltaProxy canary = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(canary, other));
        canary.pause();
        // It still takes one response.
        Position before = core.route("bookinfo", "main", 8080, "reviews", "/v0");
        awaitSynced(core, other, before);
        long start = System.nanoTime();

        Position after = core.route("bookinfo", "main", 8080, "reviews", "/v1");

        awaitSynced(core, other, after);
        assertThat(System.nanoTime() - start).isGreaterThan(1_500_000_000L);
    }

    @Test
    void theOthersGetAChangeOnceTheCanariesHaveAnswered() throws IOException {
        TestCore core = bookinfo();
        rollout(core, 50);
        Gateway gateway = gateway(core);
        DeltaProxy canary = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(canary, other));
        int changes = 10;
        long start = System.nanoTime();

        for (int i = 0; i < changes; i++) {
            awaitSynced(core, other, core.route("bookinfo", "main", 8080, "reviews", "/v" + i));
        }

        // Far from what it takes if each waits until the canaries' time is up.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(Stages.LIMIT.multipliedBy(changes).dividedBy(2));
    }

    @Test
    void aCanaryThatWasSentAVersionCountsAmongThoseOfWhomSomeRefuseIt() throws IOException {
        TestCore core = bookinfo();
        rollout(core, MeshSpec.Rollout.newBuilder().setCanaryPercent(50).setHaltPercent(60));
        Gateway gateway = gateway(core);
        DeltaProxy refuses = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy silent = connect(gateway, Nodes.named(true, "silent"), response -> false);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(refuses, silent, other));
        silent.pause();
        // It still takes one response.
        awaitSynced(core, other, core.route("bookinfo", "main", 8080, "reviews", "/v0"));

        Position bad = core.route("bookinfo", "main", 8080, "nowhere", "/");

        // One of two.
        awaitSynced(core, other, bad);
        assertThat(isState(core, refuses, ProxyStatus.State.REJECTED)).isTrue();
        assertThat(halted()).isZero();
    }

    @Test
    void whereNobodyIsACanaryChangesGoToAllAtOnce() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy canary = connect(gateway, CANARY, CanariesTest::refuses);
        DeltaProxy other = connect(gateway, OTHER, response -> false);
        awaitSynced(core, core.head("bookinfo"), List.of(canary, other));

        Position bad = core.route("bookinfo", "main", 8080, "nowhere", "/");

        awaitSynced(core, other, bad);
        assertThat(other.responses).anyMatch(CanariesTest::refuses);
    }
}
