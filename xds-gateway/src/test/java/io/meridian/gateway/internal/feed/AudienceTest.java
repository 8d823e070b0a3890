package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.gateway.internal.rollout.RolloutPart;
import io.meridian.gateway.internal.rollout.RolloutPolicy;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Who is told of a publish, counted. */
class AudienceTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    private final Map<XdsType, PSortedMap<String, XdsResource>> some = Map.of(XdsType.CLUSTER, TreePMap.empty());
    private final Map<XdsType, PSortedMap<String, XdsResource>> other = Map.of(XdsType.ROUTE, TreePMap.empty());
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final ViewLoop loop = new Loop(tasks::add);
    private final List<String> failures = new ArrayList<>();
    private final ProxyRegistry registry = new ProxyRegistry("eu-1", "gw-1", System::nanoTime, InstantSource.system());
    private final Audience audience = new Audience(
            new Publishes(registry, MESH), (first, proxies, cause) -> failures.add(proxies + " " + cause.getMessage()));

    /** None of its streams has anything to tell. */
    private record Loop(Executor tasks) implements ViewLoop {
        @Override
        public void execute(Runnable task) {
            tasks.execute(task);
        }

        @Override
        public void whenTold(Runnable then) {
            then.run();
        }
    }

    private class Stream implements ViewSubscriber {
        private final List<Position> told = new ArrayList<>();
        private final List<ProxyView> views = new ArrayList<>();
        private final List<RolloutPart> parts = new ArrayList<>();
        private int failed;
        private int deleted;
        private final Proxy proxy;

        private Stream(String name) {
            proxy = new Proxy(
                    name,
                    Proxy.Type.SIDECAR,
                    List.of(),
                    name,
                    "default",
                    "",
                    "",
                    "",
                    "",
                    Map.of(),
                    Proxy.InterceptionMode.REDIRECT,
                    "",
                    "");
        }

        @Override
        public Proxy proxy() {
            return proxy;
        }

        @Override
        public ViewLoop loop() {
            return loop;
        }

        @Override
        public void onView(ProxyView view, RolloutPart part, long changedNanos) {
            told.add(view.position());
            views.add(view);
            parts.add(part);
        }

        @Override
        public void onCompileFailed() {
            failed++;
        }

        @Override
        public void onMeshDeleted() {
            deleted++;
        }
    }

    private static Position at(long seq) {
        return new Position(MESH, new Epoch(1), seq);
    }

    private void run() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void onlyThoseWhoseResourcesAreOthersAreToldAndNobodyIsNoTask() {
        Stream one = new Stream("one");
        Stream two = new Stream("two");
        audience.add(one);
        audience.add(two);
        audience.tell(at(1), proxy -> new ProxyView(at(1), some), true, 0);
        assertThat(tasks).as("one task for the loop").hasSize(1);
        run();

        audience.tell(at(2), proxy -> new ProxyView(at(2), some), true, 0);
        assertThat(tasks).isEmpty();

        audience.tell(at(3), proxy -> new ProxyView(at(3), proxy.id().equals("one") ? other : some), true, 0);
        run();

        assertThat(one.told).containsExactly(at(1), at(3));
        assertThat(two.told).containsExactly(at(1));
    }

    @Test
    void whereNobodyIsRegroupedOneIsAskedForAll() {
        Stream one = new Stream("one");
        Stream two = new Stream("two");
        Stream apart = new Stream("apart");
        List.of(one, two, apart).forEach(audience::add);
        ProxyView first = new ProxyView(at(1), some);
        ProxyView firstApart = new ProxyView(at(1), some);
        audience.tell(at(1), proxy -> proxy.id().equals("apart") ? firstApart : first, true, 0);

        List<String> asked = new ArrayList<>();
        ProxyView second = new ProxyView(at(2), other);
        ProxyView secondApart = new ProxyView(at(2), some);
        audience.tell(
                at(2),
                proxy -> {
                    asked.add(proxy.id());
                    return proxy.id().equals("apart") ? secondApart : second;
                },
                false,
                0);
        run();

        assertThat(asked).containsExactly("one", "apart");
        assertThat(one.told).containsExactly(at(1), at(2));
        assertThat(two.told).containsExactly(at(1), at(2));
        assertThat(apart.told).containsExactly(at(1));
    }

    @Test
    void oneWhoseViewFailedIsToldTheNextWhateverItIs() {
        Stream one = new Stream("one");
        audience.add(one);
        audience.tell(at(1), proxy -> new ProxyView(at(1), some), true, 0);
        audience.tell(
                at(2),
                proxy -> {
                    throw new IllegalStateException("planted");
                },
                true,
                0);
        audience.tell(at(3), proxy -> new ProxyView(at(3), some), true, 0);
        run();

        assertThat(one.told).containsExactly(at(1), at(3));
        assertThat(one.failed).isEqualTo(1);
        assertThat(failures).containsExactly("1 planted");
    }

    @Test
    void afterItsMeshWasDeletedAStreamIsToldAnew() {
        Stream one = new Stream("one");
        audience.add(one);
        audience.tell(at(1), proxy -> new ProxyView(at(1), some), true, 0);
        audience.tellDeleted();
        audience.tell(at(2), proxy -> new ProxyView(at(2), some), true, 0);
        run();

        assertThat(one.deleted).isEqualTo(1);
        assertThat(one.told).containsExactly(at(1), at(2));
    }

    private static Map<XdsType, PSortedMap<String, XdsResource>> cluster(String content) {
        return Map.of(
                XdsType.CLUSTER,
                TreePMap.singleton(
                        "reviews", XdsResource.of(XdsType.CLUSTER, "reviews", StringValue.of(content), at(1))));
    }

    @Test
    void withoutCanariesEveryoneIsToldTheVeryViewOfTheCompiler() {
        Stream one = new Stream("one");
        Stream two = new Stream("two");
        audience.add(one);
        audience.add(two);
        List<ProxyView> given = new ArrayList<>();
        for (int seq = 1; seq <= 3; seq++) {
            ProxyView view = new ProxyView(at(seq), cluster("version " + seq));
            given.add(view);
            audience.tell(at(seq), proxy -> view, false, 0);
            run();
        }
        for (Stream stream : List.of(one, two)) {
            assertThat(stream.views).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(stream.views.get(i)).isSameAs(given.get(i));
            }
            assertThat(stream.parts).containsOnly(RolloutPart.NONE);
        }
        assertThat(audience.conclude(Long.MAX_VALUE, (by, type, refusal) -> refusal))
                .isEmpty();
    }

    @Test
    void whenThereAreNoCanariesAnyMoreWhatWasHeldBackGoesOut() {
        Stream one = new Stream("one");
        Stream two = new Stream("two");
        audience.add(one);
        audience.add(two);
        ProxyView first = new ProxyView(at(1), cluster("first"));
        audience.tell(at(1), proxy -> first, false, 0);
        run();
        // So small a share that it chooses neither, and the first by hash is one.
        audience.stage(new RolloutPolicy(1e-9, 20), HaltedRollouts.getDefaultInstance());
        ProxyView second = new ProxyView(at(2), cluster("second"));
        audience.tell(at(2), proxy -> second, false, 0);
        run();
        assertThat(one.told.size() + two.told.size()).as("one of them is told").isEqualTo(3);
        assertThat(registry.advancedTo(MESH.value()))
                .as("the other has yet to be")
                .contains(at(1));

        audience.stage(null, HaltedRollouts.getDefaultInstance());
        ProxyView third = new ProxyView(at(3), second.resources());
        audience.tell(at(3), proxy -> third, false, 0);
        assertThat(registry.advancedTo(MESH.value())).contains(at(1));
        run();

        assertThat(one.views.getLast().resources()).isSameAs(second.resources());
        assertThat(two.views.getLast().resources()).isSameAs(second.resources());
        assertThat(one.told.size() + two.told.size()).isEqualTo(4);
        assertThat(registry.advancedTo(MESH.value())).contains(at(3));
    }

    @Test
    void itIsBusyUntilTheLoopHasTakenWhatItWasTold() {
        audience.add(new Stream("one"));
        assertThat(audience.busy()).isFalse();
        audience.tell(at(1), proxy -> new ProxyView(at(1), some), true, 0);
        assertThat(audience.busy()).isTrue();
        run();
        assertThat(audience.busy()).isFalse();
    }

    @Test
    void aLoopThatIsClosedIsNotWaitedFor() {
        Audience closing = new Audience(
                new Publishes(new ProxyRegistry("eu-1", "gw-1", System::nanoTime, InstantSource.system()), MESH),
                (first, proxies, cause) -> {});
        closing.add(new Stream("one") {
            @Override
            public ViewLoop loop() {
                return new Loop(task -> {
                    throw new java.util.concurrent.RejectedExecutionException("closed");
                });
            }
        });
        closing.tell(at(1), proxy -> new ProxyView(at(1), some), true, 0);

        assertThat(closing.busy()).isFalse();
    }
}
