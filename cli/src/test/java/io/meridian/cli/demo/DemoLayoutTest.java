package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoLayoutTest {
    @TempDir
    private Path data;

    @Test
    void theRememberedLayoutIsChosenAgain() {
        DemoLayout first = DemoLayout.choose(data, Examples.bookinfo());

        assertThat(DemoLayout.choose(data, Examples.bookinfo())).isEqualTo(first);
        assertThat(DemoLayout.load(data)).contains(first);
    }

    @Test
    void threeRegionsAndSevenProxiesOfDifferentRegionsHaveNothingInCommon() {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());

        assertThat(layout.regionNames()).containsExactly("eu-1", "us-1", "ap-1");
        assertThat(layout.proxies()).hasSize(7);
        assertThat(layout.proxies()).extracting(DemoLayout.Proxy::region).contains("eu-1", "us-1", "ap-1");
        assertThat(layout.proxies()).extracting(DemoLayout.Proxy::delta).contains(true, false);
        assertThat(layout.proxies()).extracting(DemoLayout.Proxy::cluster).contains("k8s-1", "vm-1");
        assertThat(ports(layout)).doesNotHaveDuplicates().hasSize(3 * 5 + 7 + 6 + 2);
        List<String> addresses = new ArrayList<>();
        layout.proxies().forEach(proxy -> addresses.add(proxy.address()));
        layout.sidecars().forEach(sidecar -> addresses.add(sidecar.egress()));
        assertThat(addresses).doesNotHaveDuplicates().allMatch(address -> address.startsWith(layout.block()));
    }

    @Test
    void takenPortsAreReplacedAndTheOthersKept() throws IOException {
        DemoLayout first = DemoLayout.choose(data, Examples.bookinfo());
        DemoLayout.Sidecar sidecar = first.sidecars().getFirst();

        try (ServerSocket admin = listen("127.0.0.1", first.home().admin());
                ServerSocket ingress = listen("127.0.0.1", first.ingressPort());
                ServerSocket workload = listen(sidecar.proxy().address(), DemoLayout.SERVICE_PORT)) {
            DemoLayout second = DemoLayout.choose(data, Examples.bookinfo());

            assertThat(second.home().admin()).isNotEqualTo(admin.getLocalPort());
            assertThat(second.ingressPort()).isNotEqualTo(ingress.getLocalPort());
            assertThat(second.block()).isNotEqualTo(first.block());
            assertThat(second.sidecars().getFirst().proxy().address())
                    .isNotEqualTo(workload.getInetAddress().getHostAddress());
            assertThat(second.home().xds()).isEqualTo(first.home().xds());
            assertThat(DemoLayout.load(data)).contains(second);
        }
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.writeString(data.resolve("layout.json"), "{");

        assertThatThrownBy(() -> DemoLayout.load(data))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("layout.json is damaged")
                .hasMessageContaining("--fresh");
    }

    @Test
    void anUnknownRegionIsRefusedWithTheKnownOnes() {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());

        assertThatThrownBy(() -> layout.region("mars-1")).hasMessageContaining("eu-1, us-1, ap-1");
    }

    private static List<Integer> ports(DemoLayout layout) {
        List<Integer> ports = new ArrayList<>(List.of(layout.ingressPort(), layout.externalPort()));
        layout.regions()
                .forEach(region -> ports.addAll(
                        List.of(region.admin(), region.xds(), region.peer(), region.metrics(), region.cluster())));
        layout.proxies().forEach(proxy -> ports.add(proxy.adminPort()));
        layout.sidecars().forEach(sidecar -> ports.add(sidecar.appPort()));
        return ports;
    }

    private static ServerSocket listen(String address, int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.ofLiteral(address));
    }
}
