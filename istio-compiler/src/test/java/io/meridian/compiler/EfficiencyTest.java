package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/**
 * What a change costs, counted in computations: in a mesh of many services only those of what changed. {@code -Dmeasure=SERVICES} prints times for
 * a mesh of that size.
 */
class EfficiencyTest {
    private static final int SERVICES = Integer.getInteger("measure", 200);
    private static final int SCOPES = 4;
    private static final int MANY = 40;
    private static final int ROUNDS = Integer.getInteger("measure.rounds", 5);

    private final TestMesh mesh = mesh();
    private final IstioCompiler compiler = mesh.compiled();
    private final List<Proxy> proxies = new ArrayList<>();

    EfficiencyTest() {
        mesh.takeDelta();
        for (int i = 0; i < SCOPES; i++) {
            proxies.add(Proxies.sidecar(
                    "k8s-1", "ns-" + i, "app", "10.200.0." + i, Map.of("app", "x"), InterceptionMode.REDIRECT));
        }
        long start = System.nanoTime();
        proxies.forEach(compiler::view);
        report("cold", System.nanoTime() - start, compiler.computations());
    }

    private static TestMesh mesh() {
        return mesh(SERVICES);
    }

    private static TestMesh mesh(int services) {
        TestMesh mesh = TestMesh.mesh("large").withCluster("k8s-1");
        for (int i = 0; i < services; i++) {
            mesh.withHttpService(
                    "k8s-1",
                    "s" + i,
                    9080,
                    "10.96." + i / 250 + "." + i % 250,
                    Map.of("v1", address(i, 1), "v2", address(i, 2)));
        }
        for (int i = 0; i < Math.max(1, services / 20); i++) {
            mesh.apply(route("s" + i, 0));
        }
        return mesh;
    }

    private static String address(int service, int version) {
        return "10." + version + "." + service / 250 + "." + service % 250;
    }

    private static String route(String service, int weight) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s, namespace: default}
                spec:
                  hosts: [%s]
                  http:
                  - route:
                    - destination: {host: %s}
                      weight: %d
                    - destination: {host: s1}
                      weight: %d
                """.formatted(service, service, service, weight, 100 - weight);
    }

    private long cost(String what, IntConsumer change) {
        long most = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            change.accept(round);
            long before = compiler.computations();
            long start = System.nanoTime();
            mesh.into(compiler);
            proxies.forEach(compiler::view);
            most = Math.max(most, compiler.computations() - before);
            if (round > ROUNDS - 3) {
                report(what, System.nanoTime() - start, compiler.computations() - before);
            }
        }
        return most;
    }

    private static void report(String what, long nanos, long computations) {
        if (System.getProperty("measure") != null) {
            System.out.printf(
                    "%s: %.2f ms, %d computations, %d services, %d scope classes%n",
                    what, nanos / 1e6, computations, SERVICES, SCOPES);
        }
    }

    @Test
    void aRouteEditRecompilesItsVirtualHostsOnly() {
        long computations = cost("one VirtualService edit", round -> mesh.apply(route("s0", round)));

        // The routes once; for each scope class the virtual host, its chunk, the route configuration, its chunk, all
        // routes, and all there is.
        assertThat(computations).isLessThanOrEqualTo(2 + 7L * SCOPES);
    }

    @Test
    void anEndpointRecompilesItsAssignmentOnly() {
        long computations =
                cost("one endpoint", round -> mesh.withInstance("k8s-1", "s0", "v1", "10.3.0." + round, 9080));

        // The service's endpoints and their locality once; for each scope class a chunk of assignments, all of them,
        // and all there is.
        assertThat(computations).isLessThanOrEqualTo(4 + 3L * SCOPES);
    }

    @Test
    void aRuleRecompilesItsClustersOnly() {
        long computations = cost("one DestinationRule edit", round -> mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: s0, namespace: default}
                spec:
                  host: s0
                  trafficPolicy: {connectionPool: {tcp: {maxConnections: %d}}}
                """.formatted(round)));

        assertThat(computations).isLessThanOrEqualTo(4 + 8L * SCOPES);
    }

    /** What it lets out is asked once for all of them, and how they are entered did not change. */
    @Test
    void aSidecarEditClassifiesNoneOfItsProxiesAnew() {
        for (int i = 0; i < MANY; i++) {
            proxies.add(Proxies.sidecar(
                    "k8s-1", "ns-0", "app", "10.201.0." + i, Map.of("app", "x"), InterceptionMode.REDIRECT));
        }
        cost("a Sidecar appears", round -> mesh.apply(sidecar(0)));

        long computations = cost("one Sidecar edit", round -> mesh.apply(sidecar(round)));

        assertThat(computations).isLessThan(MANY);
    }

    private static String sidecar(int edit) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: default, namespace: ns-0}
                spec:
                  egress: [{hosts: ["*/*", "./edit-%d.example.com"]}]
                """.formatted(edit);
    }

    @Test
    void whatTouchesNobodyComputesNothingMuch() {
        long computations = cost("an edit that touches nobody", round -> mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: nobody, namespace: default}
                spec:
                  hosts: [nobody.example.com]
                  gateways: [nowhere]
                  http: [{route: [{destination: {host: s%d}}]}]
                """.formatted(round)));

        assertThat(computations).isZero();
    }

    @Test
    void anEditCostsTheSameInALargerMesh() {
        IstioCompiler large = mesh(5 * SERVICES).compiled();
        TestMesh largeMesh = mesh(5 * SERVICES);
        large.update(largeMesh.image(), largeMesh.takeDelta());
        proxies.forEach(large::view);
        long before = large.computations();
        largeMesh.apply(route("s0", 7)).into(large);
        proxies.forEach(large::view);

        assertThat(large.computations() - before).isLessThanOrEqualTo(2 + 7L * SCOPES);
    }

    @Test
    void labelsThatNobodyAsksForMakeNoScopes() {
        List<ProxyView> views = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            views.add(compiler.view(labelled(i)));
        }
        assertThat(views).allSatisfy(view -> assertThat(view).isSameAs(views.getFirst()));

        // One of them is meant by a route: it alone is set apart.
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: s0, namespace: default}
                spec:
                  hosts: [s0]
                  http:
                  - match: [{sourceLabels: {pod: p-7}}]
                    route: [{destination: {host: s1}}]
                  - route: [{destination: {host: s0}}]
                """).into(compiler);
        Set<ProxyView> now = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 100; i++) {
            now.add(compiler.view(labelled(i)));
        }
        assertThat(now).hasSize(2);
    }

    private static Proxy labelled(int i) {
        return Proxies.sidecar(
                "k8s-1", "ns-0", "app-" + i, "10.200.1." + i, Map.of("pod", "p-" + i), InterceptionMode.REDIRECT);
    }

    @Test
    void proxiesThatComeAndGoLeaveNothingBehind() {
        int size = compiler.graphSize();
        for (int i = 0; i < 300; i++) {
            compiler.view(Proxies.sidecar(
                    "k8s-1", "other-" + i, "x", "10.201.0.1", Map.of("i", "" + i), InterceptionMode.REDIRECT));
            proxies.forEach(compiler::view);
            compiler.trim();
            assertThat(compiler.graphSize()).isLessThan(4 * size);
        }
        proxies.forEach(compiler::view);
        compiler.trim();

        assertThat(compiler.graphSize()).isEqualTo(size);
    }

    @Test
    void objectsThatComeAndGoLeaveNothingBehind() {
        int size = compiler.graphSize();
        for (int i = 0; i < 30; i++) {
            mesh.withHttpService("k8s-1", "passing-" + i, 9080, "10.99.0." + i, Map.of("v1", "10.98.0." + i));
            mesh.apply(route("passing-" + i, i)).into(compiler);
            proxies.forEach(compiler::view);
            mesh.delete("VirtualService", "default", "passing-" + i);
            mesh.without(
                            "k8s-1",
                            InventoryKey.newBuilder()
                                    .setKind(InventoryKey.Kind.SERVICE)
                                    .setNamespace("default")
                                    .setName("passing-" + i)
                                    .build())
                    .into(compiler);
            proxies.forEach(compiler::view);
        }

        assertThat(compiler.graphSize()).isEqualTo(size);
    }
}
