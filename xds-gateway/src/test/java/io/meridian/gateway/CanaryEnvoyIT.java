package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.Envoy;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.gateway.internal.rollout.Nodes;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two real Envoys, one of them a canary, and a listener that Envoy refuses: at a port that there is not. */
class CanaryEnvoyIT extends WholeGateway {
    private static final int NO_PORT = 70_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void whatOneEnvoyRefusesTheOtherIsNotGiven(String apiType) throws Exception {
        Optional<Path> binary = Envoy.binary();
        assumeTrue(binary.isPresent(), "no Envoy: set MERIDIAN_ENVOY to its binary, or put envoy on the PATH");
        TestCore core = bookinfo();
        core.route("bookinfo", "main", 0, "reviews", "/");
        core.run(
                "bookinfo",
                new MeshCommand.UpdateMesh(
                        MeshSpec.newBuilder()
                                .setRollout(MeshSpec.Rollout.newBuilder().setCanaryPercent(50))
                                .build(),
                        List.of("rollout")));
        Gateway gateway = gateway(core);
        String canary = DeltaProxy.node(Nodes.named(true, "canary"), "").getId();
        String other = DeltaProxy.node(Nodes.named(false, "other"), "").getId();
        for (String node : List.of(canary, other)) {
            open.add(new Envoy(
                    binary.get(),
                    directory.resolve(node.equals(canary) ? "canary" : "other"),
                    gateway.address(),
                    node,
                    apiType));
        }
        Position good = core.head("bookinfo");
        awaitState(core, canary, ProxyStatus.State.SYNCED, good);
        awaitState(core, other, ProxyStatus.State.SYNCED, good);

        Position bad = core.route("bookinfo", "refused", NO_PORT, "reviews", "/");

        awaitState(core, canary, ProxyStatus.State.REJECTED, good);
        awaitState(core, other, ProxyStatus.State.HELD, good);
        ProxyStatus.HeldResource held = core.proxy(other).orElseThrow().getHeld(0);
        assertThat(held.getType() + " " + held.getName()).isEqualTo("LDS refused");
        assertThat(held.getMessage()).contains("refused").contains("SocketAddress");
        assertThat(Position.of(held.getEvent())).isEqualTo(bad);
        assertThat(core.proxy(other).orElseThrow().getConduct().getRefusals()).isZero();

        Position mended = core.unroute("bookinfo", "refused");
        awaitState(core, other, ProxyStatus.State.SYNCED, mended);
        awaitState(core, canary, ProxyStatus.State.SYNCED, mended);
    }

    private static void awaitState(TestCore core, String node, ProxyStatus.State state, Position position) {
        Await.until(
                () -> core.proxy(node)
                        .filter(status -> status.getState() == state
                                && Position.of(status.getAcknowledged()).isAtLeast(position))
                        .isPresent(),
                () -> node + " " + core.proxies);
    }
}
