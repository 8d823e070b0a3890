package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Histories;
import io.meridian.compiler.fixture.Histories.Step;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import io.meridian.compiler.internal.graph.Audit;
import io.meridian.model.image.ImageDelta;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The law of {@link MeshCompiler}: what is compiled step by step is what is compiled from scratch. */
class IncrementalPropertiesTest {
    private static final List<Proxy> PROXIES = List.of(
            Proxies.gateway("ingress-0", Map.of()),
            Proxies.gateway("other-0", Map.of("istio", "ingressgateway", "version", "v1")),
            Proxies.sidecar("a-v1", "10.0.0.1", InterceptionMode.REDIRECT),
            Proxies.sidecar("b-v2", "10.0.0.4", InterceptionMode.NONE),
            Proxies.sidecar(
                    "k8s-2",
                    "other",
                    "c-v1",
                    "10.0.0.5",
                    Map.of("app", "c", "version", "v1"),
                    InterceptionMode.REDIRECT),
            Proxies.grpc("default", "a-v1", "10.0.0.1", Map.of()),
            Proxies.grpc("other", "c-v1", "10.0.0.5", Map.of("app", "c", "version", "v1")),
            Proxies.sidecar("nowhere", "istio-system", "x", "10.9.0.1", Map.of(), InterceptionMode.TPROXY));

    @Provide
    Arbitrary<List<Step>> histories() {
        return Histories.steps().list().ofMinSize(1).ofMaxSize(25);
    }

    /** Proxies with scopes of all sorts, some of which nothing in the mesh tells apart. */
    @Provide
    Arbitrary<List<Proxy>> proxies() {
        Arbitrary<Proxy> sidecars = Combinators.combine(
                        Arbitraries.of("k8s-1", "k8s-2", "nowhere"),
                        Arbitraries.of("default", "other", "istio-system"),
                        Arbitraries.of("a-v1", "b-v2", "c-v1", "x"),
                        Arbitraries.of("10.0.0.1", "10.0.0.4", "10.9.0.1"),
                        Arbitraries.of("", "a", "b", "c"),
                        Arbitraries.of("", "v1", "v2"),
                        Arbitraries.of(InterceptionMode.class))
                .as((cluster, namespace, name, address, app, version, mode) -> {
                    Map<String, String> labels = new TreeMap<>();
                    if (!app.isEmpty()) {
                        labels.put("app", app);
                    }
                    if (!version.isEmpty()) {
                        labels.put("version", version);
                    }
                    return Proxies.sidecar(cluster, namespace, name, address, labels, mode);
                });
        return Arbitraries.oneOf(List.of(Arbitraries.of(PROXIES), sidecars))
                .list()
                .ofMinSize(3)
                .ofMaxSize(12);
    }

    @Property(tries = 60)
    void incrementalBytesAreThoseOfACompilationFromScratch(
            @ForAll("histories") List<Step> history, @ForAll("proxies") List<Proxy> proxies) {
        TestMesh mesh = Histories.start();
        IstioCompiler compiler = mesh.compiled();
        mesh.takeDelta();
        proxies.forEach(compiler::view);

        int at = 0;
        for (Step step : history) {
            step.on(mesh);
            // Some proxies are looked at now and then only, so that changes pile up for them.
            if (at % 3 == 1) {
                mesh.into(compiler);
                compiler.view(proxies.get(at % proxies.size()));
                assertThat(Audit.of(compiler.graph())).as("after %s", history).isEmpty();
            }
            if (at % 7 == 5) {
                compiler.trim();
            }
            at++;
        }
        mesh.into(compiler);

        IstioCompiler scratch = mesh.compiled();
        for (Proxy proxy : proxies) {
            assertThat(bytes(compiler.view(proxy)))
                    .as("%s after %s", proxy.id(), history)
                    .isEqualTo(bytes(scratch.view(proxy)));
        }
        assertThat(Audit.of(compiler.graph())).as("after %s", history).isEmpty();
        // Nothing is remembered that a compiler would not need that never saw anything else.
        compiler.trim();
        proxies.forEach(compiler::view);
        compiler.trim();
        assertThat(compiler.graphSize()).as("after %s", history).isEqualTo(scratch.graphSize());
    }

    /** Asks for as few as {@link MeshCompiler#regrouped} lets it; two of three changes in a row are not looked at in between. */
    @Property(tries = 60)
    void whoSharedAViewSharesOneForAsLongAsNobodyIsRegrouped(
            @ForAll("histories") List<Step> history, @ForAll("proxies") List<Proxy> proxies) {
        TestMesh mesh = Histories.start();
        IstioCompiler compiler = mesh.compiled();
        mesh.takeDelta();
        Map<Proxy, ProxyView> views = new HashMap<>();
        proxies.forEach(proxy -> views.put(proxy, compiler.view(proxy)));
        boolean before = compiler.regrouped();
        assertThat(before).isTrue();

        int at = 0;
        for (Step step : history) {
            step.on(mesh).into(compiler);
            if (at++ % 3 == 0) {
                continue;
            }
            boolean each = compiler.regrouped();
            IdentityHashMap<ProxyView, ProxyView> found = new IdentityHashMap<>();
            for (Proxy proxy : Set.copyOf(proxies)) {
                ProxyView last = Objects.requireNonNull(views.get(proxy));
                ProxyView now =
                        each ? compiler.view(proxy) : found.computeIfAbsent(last, shared -> compiler.view(proxy));
                views.put(proxy, now);
            }
            for (Proxy proxy : proxies) {
                assertThat(views.get(proxy)).as("%s after %s", proxy.id(), step).isSameAs(compiler.view(proxy));
            }
        }
    }

    @Property(tries = 15)
    void whatDidNotChangeIsTheSameInstance(@ForAll("histories") List<Step> history) {
        TestMesh mesh = Histories.start();
        IstioCompiler compiler = mesh.compiled();
        mesh.takeDelta();
        Map<Proxy, ProxyView> before = new HashMap<>();
        PROXIES.forEach(proxy -> before.put(proxy, compiler.view(proxy)));

        for (Step step : history) {
            step.on(mesh).into(compiler);
            for (Proxy proxy : PROXIES) {
                ProxyView last = Objects.requireNonNull(before.get(proxy));
                ProxyView now = compiler.view(proxy);
                if (bytes(now).equals(bytes(last))) {
                    assertThat(now.resources())
                            .as("%s after %s", proxy.id(), step)
                            .isSameAs(last.resources());
                }
                for (XdsType type : XdsType.values()) {
                    of(now, type).forEach((name, resource) -> {
                        XdsResource held = of(last, type).get(name);
                        if (held != null && held.any().equals(resource.any())) {
                            assertThat(resource).isSameAs(held);
                        }
                    });
                }
                before.put(proxy, now);
            }
            compiler.update(mesh.image(), ImageDelta.NONE);
            PROXIES.forEach(proxy -> assertThat(compiler.view(proxy).resources())
                    .isSameAs(Objects.requireNonNull(before.get(proxy)).resources()));
        }
    }

    private static Map<String, XdsResource> of(ProxyView view, XdsType type) {
        return Objects.requireNonNull(view.resources().get(type));
    }

    private static Map<String, ByteString> bytes(ProxyView view) {
        Map<String, ByteString> bytes = new TreeMap<>();
        view.resources()
                .forEach((type, resources) -> resources.forEach((name, resource) -> {
                    bytes.put(type + " " + name, resource.any());
                    bytes.put(type + " " + name + " version", ByteString.copyFromUtf8(resource.version()));
                }));
        return bytes;
    }
}
