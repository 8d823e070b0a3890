package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.feed.v1.EventBatch;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.Progress;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.FailingCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A gateway serves on what it has: without the core, without what it cannot read, without what it cannot compile. */
class GatewayStabilityTest extends WholeGateway {
    @Test
    void theGatewayServesOnWhileTheCoreIsAwayAndCatchesUpWhenItIsBack() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy first = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, first, core.head("bookinfo"));
        core.stop();

        DeltaProxy second = proxy(gateway, "details", "");
        Await.until(() -> second.held(XdsType.ROUTE).containsKey("main"), second::toString);
        assertThat(gateway.serving()).isTrue();
        Position meanwhile = core.route("bookinfo", "other", 8081, "reviews", "/");
        core.start();

        awaitSynced(core, first, meanwhile);
        awaitSynced(core, second, meanwhile);
        assertThat(core.subscriptions.getLast().hasHeld()).isTrue();
        assertThat(first.held(XdsType.ROUTE)).containsOnlyKeys("main", "other");
    }

    @Test
    void aGatewayThatStartsWithoutTheCoreServesFromItsLocalCopy() throws Exception {
        TestCore core = bookinfo();
        Gateway before = gateway(core);
        DeltaProxy first = proxy(before, "productpage", "bookinfo");
        awaitSynced(core, first, core.head("bookinfo"));
        core.service("bookinfo", "ratings", "ratings", 9082);
        Await.until(() -> first.held(XdsType.ENDPOINT).containsKey("ratings"), first::toString);
        before.close();
        core.stop();

        Gateway after = gateway(core);
        DeltaProxy second = proxy(after, "details", "bookinfo");

        Await.until(() -> second.held(XdsType.ROUTE).containsKey("main"), second::toString);
        Await.until(() -> second.held(XdsType.ENDPOINT).containsKey("ratings"), second::toString);
        assertThat(after.serving()).isTrue();
        assertThat(after.meshes().getFirst().state()).isEqualTo("LOCAL_COPY");
        core.start();
        Await.until(() -> after.meshes().getFirst().state().equals("FOLLOWING"), after::meshes);
    }

    @Test
    void nothingIsServedBeforeTheGatewayHasCaughtUp() throws IOException {
        TestCore core = bookinfo().withholdingProgress();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Await.until(
                () -> core.proxy(proxy.id()).isPresent() && !core.subscriptions.isEmpty(), () -> core.subscriptions);

        assertThat(proxy.responses).isEmpty();
        assertThat(gateway.serving()).isFalse();
        assertThat(core.proxy(proxy.id()).orElseThrow().getState()).isEqualTo(ProxyStatus.State.NOT_SENT);
        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setProgress(Progress.getDefaultInstance())
                        .build());
        awaitSynced(core, proxy, core.head("bookinfo"));
        assertThat(gateway.serving()).isTrue();
    }

    @Test
    void anEventThatCannotBeReadStopsTheFoldAndNotTheServing() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        Position good = core.head("bookinfo");
        awaitSynced(core, proxy, good);
        EventEnvelope last = core.fixture("bookinfo").log().getLast();
        EventEnvelope unreadable = EventEnvelope.seal(
                last.header().toBuilder()
                        .setSeq(last.seq() + 1)
                        .setPrevHash(last.hash().bytes())
                        .setType("FromTheFuture")
                        .build(),
                ByteString.EMPTY);

        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setEvents(EventBatch.newBuilder().addEnvelopes(unreadable.toProto()))
                        .build());

        Await.until(() -> gateway.meshes().getFirst().state().equals("UNREADABLE"), gateway::meshes);
        assertThat(gateway.meshes().getFirst().position()).isEqualTo(good);
        DeltaProxy late = proxy(gateway, "details", "bookinfo");
        Await.until(() -> late.held(XdsType.ROUTE).containsKey("main"), late::toString);
    }

    @Test
    void anEventThatWasTamperedWithLeadsToASnapshot() throws IOException {
        TestCore core = bookinfo();
        Gateway gateway = gateway(core);
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        EventEnvelope last = core.fixture("bookinfo").log().getLast();
        Envelope forged = last.toProto().toBuilder()
                .setPayload(ByteString.copyFromUtf8("x"))
                .build();

        core.feedRaw(
                "bookinfo",
                FeedMessage.newBuilder()
                        .setEvents(EventBatch.newBuilder().addEnvelopes(forged))
                        .build());

        Await.until(() -> core.subscriptions.size() == 2, () -> core.subscriptions);
        assertThat(core.subscriptions.getLast().hasHeld()).isFalse();
        Position next = core.route("bookinfo", "other", 8081, "reviews", "/");
        awaitSynced(core, proxy, next);
    }

    @Test
    void aScopeThatCannotBeCompiledKeepsItsViewAndHarmsNoOther() throws IOException {
        TestCore core = bookinfo().withMesh("other");
        core.service("other", "ratings", "ratings", 9080);
        FailingCompiler.Plan plan = new FailingCompiler.Plan();
        Gateway gateway = gateway(core, mesh -> new FailingCompiler(plan));
        DeltaProxy unlucky = proxy(gateway, "unlucky", "bookinfo");
        DeltaProxy lucky = proxy(gateway, "productpage", "bookinfo");
        DeltaProxy elsewhere = proxy(gateway, "elsewhere", "other");
        Position first = core.head("bookinfo");
        awaitSynced(core, unlucky, first);
        awaitSynced(core, lucky, first);
        awaitSynced(core, elsewhere, core.head("other"));
        String held = unlucky.held(XdsType.ROUTE).get("main");

        plan.failingNode = unlucky.id();
        Position second = core.route("bookinfo", "main", 8080, "reviews", "/v2");

        awaitSynced(core, lucky, second);
        awaitSynced(core, elsewhere, core.route("other", "main", 8081, "ratings", "/"));
        awaitState(core, unlucky, ProxyStatus.State.STALE);
        assertThat(unlucky.held(XdsType.ROUTE).get("main")).isEqualTo(held);
        assertThat(Position.of(core.proxy(unlucky.id()).orElseThrow().getAcknowledged()))
                .isEqualTo(first);
        assertThat(compileFailures("bookinfo")).isEqualTo(1);

        plan.failingNode = "";
        awaitSynced(core, unlucky, core.route("bookinfo", "main", 8080, "reviews", "/v3"));
        assertThat(unlucky.held(XdsType.ROUTE).get("main"))
                .isEqualTo(lucky.held(XdsType.ROUTE).get("main"));
    }

    @Test
    void aMeshThatCannotBeCompiledKeepsItsViewsUntilItCan() throws IOException {
        TestCore core = bookinfo();
        FailingCompiler.Plan plan = new FailingCompiler.Plan();
        Gateway gateway = gateway(core, mesh -> new FailingCompiler(plan));
        DeltaProxy proxy = proxy(gateway, "productpage", "bookinfo");
        awaitSynced(core, proxy, core.head("bookinfo"));
        String held = proxy.held(XdsType.ROUTE).get("main");

        plan.failUpdates = true;
        core.route("bookinfo", "main", 8080, "reviews", "/v2");
        awaitState(core, proxy, ProxyStatus.State.STALE);
        assertThat(proxy.held(XdsType.ROUTE).get("main")).isEqualTo(held);
        // The change failed in the old compiler and in a new one.
        assertThat(compileFailures("bookinfo")).isEqualTo(2);

        plan.failUpdates = false;
        awaitSynced(core, proxy, core.route("bookinfo", "main", 8080, "reviews", "/v3"));
        assertThat(proxy.held(XdsType.ROUTE).get("main")).isNotEqualTo(held);
    }

    private double compileFailures(String mesh) {
        return meters.get("meridian.gateway.compile.failures")
                .tag("mesh", mesh)
                .counter()
                .count();
    }
}
