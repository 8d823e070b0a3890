package io.meridian.gateway.internal.warm;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.ResourceKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

/** What the warm-up runs, that it ends whatever happens, and that nothing of it stays. */
class WarmUpTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** The real compiler, watched, or kept from its work. */
    private static final class WatchedCompiler implements MeshCompiler {
        private final MeshCompiler real;
        private final Set<String> nodes = ConcurrentHashMap.newKeySet();
        /** What a client asks for and would not get. */
        private final Set<String> lacking = ConcurrentHashMap.newKeySet();

        private final AtomicInteger updates = new AtomicInteger();
        private final Runnable before;

        private WatchedCompiler(MeshId mesh, Runnable before) {
            real = new IstioCompiler(mesh);
            this.before = before;
        }

        @Override
        public void update(MeshImage image, ImageDelta delta) {
            before.run();
            updates.incrementAndGet();
            real.update(image, delta);
        }

        @Override
        public ProxyView view(Proxy proxy) {
            nodes.add(proxy.id());
            ProxyView view = real.view(proxy);
            for (String name : List.of("outbound|8080||service-0", "outbound|8080|v1|service-3")) {
                String host = name + "." + WarmMesh.namespace(name.endsWith("0") ? 0 : 1) + ".svc.cluster.local";
                lack(view, XdsType.CLUSTER, host);
                lack(view, XdsType.ENDPOINT, host);
            }
            lack(view, XdsType.ROUTE, "8080");
            return view;
        }

        private void lack(ProxyView view, XdsType type, String name) {
            if (!view.resources().getOrDefault(type, TreePMap.empty()).containsKey(name)) {
                lacking.add(type + " " + name + " of "
                        + view.resources().getOrDefault(type, TreePMap.empty()).keySet());
            }
        }

        @Override
        public boolean regrouped() {
            return real.regrouped();
        }

        @Override
        public Set<ResourceKey> sources(Proxy proxy, XdsType type, String name) {
            return real.sources(proxy, type, name);
        }

        @Override
        public void trim() {
            real.trim();
        }
    }

    @Test
    void aMeshIsCompiledAndServedToHundredsOfStreamsAndNothingOfItStays() {
        WatchedCompiler compiler = new WatchedCompiler(WarmMesh.ID, () -> {});

        boolean done = WarmUp.run(only(compiler), LONG);

        assertThat(done).isTrue();
        assertThat(compiler.lacking).isEmpty();
        assertThat(compiler.nodes).hasSizeGreaterThan(100);
        assertThat(compiler.updates).hasValueGreaterThan(20);
        awaitNoThreads();
    }

    @Test
    void withoutTimeNothingIsDone() {
        AtomicInteger asked = new AtomicInteger();

        boolean done = WarmUp.run(
                mesh -> {
                    asked.incrementAndGet();
                    return new IstioCompiler(mesh);
                },
                Duration.ZERO);

        assertThat(done).isFalse();
        assertThat(asked).hasValue(0);
    }

    @Test
    void theLimitHoldsThoughTheCompilerHangs() {
        CountDownLatch release = new CountDownLatch(1);
        WatchedCompiler compiler = new WatchedCompiler(WarmMesh.ID, () -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        long start = System.nanoTime();
        boolean done = WarmUp.run(only(compiler), Duration.ofMillis(300));
        Duration taken = Duration.ofNanos(System.nanoTime() - start);

        assertThat(done).isFalse();
        assertThat(taken).isLessThan(Duration.ofSeconds(4));
        release.countDown();
        awaitNoThreads();
    }

    @Test
    void aFailureIsNobodyElses() {
        boolean without = WarmUp.run(
                mesh -> {
                    throw new IllegalStateException("no compiler today");
                },
                LONG);

        assertThat(without).isFalse();
        awaitNoThreads();
    }

    private static Function<MeshId, MeshCompiler> only(WatchedCompiler compiler) {
        return mesh -> {
            assertThat(mesh).isEqualTo(WarmMesh.ID);
            return compiler;
        };
    }

    private static void awaitNoThreads() {
        Await.until(() -> threads().isEmpty(), WarmUpTest::threads);
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("warm-up"))
                .toList();
    }
}
