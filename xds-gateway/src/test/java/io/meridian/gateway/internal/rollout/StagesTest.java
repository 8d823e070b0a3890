package io.meridian.gateway.internal.rollout;

import static io.meridian.compiler.XdsType.CLUSTER;
import static io.meridian.compiler.XdsType.ENDPOINT;
import static io.meridian.compiler.XdsType.LISTENER;
import static io.meridian.compiler.XdsType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

/** What canaries get first, and what the others are served while it is tried, and when it was refused. Two canaries and two others of one group. */
class StagesTest {
    private static final long LIMIT = Stages.LIMIT.toNanos();

    private final Stages<String> stages = new Stages<>(new RolloutPolicy(50, 50));
    private final Configs config = new Configs()
            .with(CLUSTER, "reviews", "1")
            .with(ENDPOINT, "reviews", "1")
            .with(ROUTE, "80", "1", "reviews")
            .with(LISTENER, "in", "1", "80");
    private final String canary = Configs.node(true, 1);
    private final String second = Configs.node(true, 2);
    private final String other = Configs.node(false, 1);
    private final String another = Configs.node(false, 2);
    /** What each was told last. */
    private final Map<String, Stages.Delivery<String>> told = new LinkedHashMap<>();

    private long seq = 10;
    private long now = 1_000;
    private long wave;

    private void join(String node) {
        take(stages.join(node, node, config.view(seq), now));
    }

    private void joinAll() {
        List.of(canary, second, other, another).forEach(this::join);
        publish();
    }

    private void take(Stages.Delivery<String> delivery) {
        told.put(delivery.member(), delivery);
    }

    /** What the configuration is now, for everyone; returns who was told. */
    private List<String> publish() {
        seq++;
        ProxyView view = config.view(seq);
        Stages.Publication<String> publication = stages.publish(
                Configs.at(seq),
                told.keySet().stream()
                        .map(node -> new Stages.Next<>(node, view, false))
                        .toList(),
                now);
        publication.deliveries().forEach(this::take);
        wave = publication.wave();
        return publication.deliveries().stream().map(Stages.Delivery::member).toList();
    }

    private XdsResource desired(XdsType type, String name) {
        return Objects.requireNonNull(
                config.resources().getOrDefault(type, TreePMap.empty()).get(name));
    }

    private void acknowledge(String node, XdsResource... resources) {
        stages.sent(node, List.of(resources));
        stages.acknowledged(node, List.of(resources));
    }

    private void refuse(String node, XdsResource... resources) {
        stages.sent(node, List.of(resources));
        stages.refused(node, Configs.proxy(node), List.of(resources), Configs.refusal("no, says " + node));
    }

    private void settle(String... nodes) {
        for (String node : nodes) {
            stages.settled(node, wave);
        }
    }

    private List<Halt> conclude() {
        Stages.Conclusion<String> over = stages.conclude(now, (by, type, refusal) -> refusal);
        if (over == null) {
            return List.of();
        }
        over.deliveries().forEach(this::take);
        return over.halts();
    }

    private ProxyView view(String node) {
        return Objects.requireNonNull(told.get(node)).view();
    }

    private List<Halt> halts(String node) {
        return Objects.requireNonNull(told.get(node)).part().halts();
    }

    private boolean has(String node, XdsResource resource) {
        XdsResource served = view(node)
                .resources()
                .getOrDefault(resource.type(), TreePMap.empty())
                .get(resource.name());
        return resource.equals(served);
    }

    private boolean has(String node, XdsType type, String name) {
        return view(node).resources().getOrDefault(type, TreePMap.empty()).containsKey(name);
    }

    /** The route becomes what both canaries refuse. */
    private void haltTheRoute() {
        config.with(ROUTE, "80", "refused", "reviews");
        publish();
        refuse(canary, desired(ROUTE, "80"));
        refuse(second, desired(ROUTE, "80"));
        settle(canary, second);
        assertThat(conclude()).hasSize(1);
    }

    @Test
    void othersGetAChangeOnceEachCanaryHasAnswered() {
        joinAll();
        config.with(ROUTE, "80", "2", "reviews");

        assertThat(publish()).containsExactlyInAnyOrder(canary, second);
        acknowledge(canary, desired(ROUTE, "80"));
        settle(canary);
        conclude();
        assertThat(has(other, desired(ROUTE, "80"))).isFalse();

        acknowledge(second, desired(ROUTE, "80"));
        settle(second);
        assertThat(conclude()).isEmpty();
        assertThat(view(other)).isEqualTo(config.view(seq));
        assertThat(view(another).resources()).isSameAs(view(other).resources());
        assertThat(stages.nextNanos()).isEqualTo(Stages.NEVER);
    }

    @Test
    void aCanaryThatDoesNotAnswerIsWaitedForOnlySoLong() {
        joinAll();
        config.with(ROUTE, "80", "2", "reviews");
        publish();

        now += LIMIT - 1;
        conclude();
        assertThat(has(other, desired(ROUTE, "80"))).isFalse();
        // What follows meanwhile does not prolong that.
        config.with(ROUTE, "80", "3", "reviews");
        publish();
        assertThat(stages.nextNanos()).isEqualTo(now + 1);
        now++;
        conclude();
        assertThat(view(other)).isEqualTo(config.view(seq));
    }

    @Test
    void oneThatLeavesIsNotWaitedFor() {
        joinAll();
        config.with(ROUTE, "80", "2", "reviews");
        publish();
        acknowledge(canary, desired(ROUTE, "80"));
        settle(canary);
        stages.leave(second);
        conclude();
        assertThat(view(other)).isEqualTo(config.view(seq));
    }

    @Test
    void whatTooManyRefuseIsHaltedAndTheRestGoesOn() {
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        config.with(ROUTE, "80", "refused", "reviews").with(CLUSTER, "reviews", "2");
        publish();
        for (String node : List.of(canary, second)) {
            acknowledge(node, desired(CLUSTER, "reviews"));
        }
        acknowledge(canary, desired(ROUTE, "80"));
        refuse(second, desired(ROUTE, "80"));
        settle(canary, second);

        List<Halt> halts = conclude();

        assertThat(halts).singleElement().satisfies(halt -> {
            assertThat(halt.name()).isEqualTo("80");
            assertThat(halt.version()).isEqualTo(desired(ROUTE, "80").version());
            assertThat(halt.canaries()).isEqualTo(2);
            assertThat(halt.refused()).isEqualTo(1);
            assertThat(halt.refusal().message()).isEqualTo("no, says " + second);
        });
        assertThat(has(other, before)).isTrue();
        assertThat(has(other, desired(CLUSTER, "reviews"))).isTrue();
        assertThat(halts(other)).isEqualTo(halts);
        assertThat(view(other).position()).as("the last one that it has all of").isEqualTo(Configs.at(seq - 1));
        assertThat(has(canary, desired(ROUTE, "80"))).isTrue();
        assertThat(halts(canary)).isEmpty();
        assertThat(stages.halted()).isEqualTo(1);
    }

    @Test
    void whatFewerRefuseIsNotHalted() {
        Stages<String> lenient = new Stages<>(new RolloutPolicy(50, 51));
        for (String node : List.of(canary, second, other)) {
            lenient.join(node, node, config.view(seq), now);
        }
        config.with(ROUTE, "80", "2", "reviews");
        List<Stages.Next<String>> nexts = List.of(canary, second, other).stream()
                .map(node -> new Stages.Next<>(node, config.view(11), false))
                .toList();
        long first = lenient.publish(Configs.at(11), nexts, now).wave();
        List<XdsResource> route = List.of(desired(ROUTE, "80"));
        lenient.sent(canary, route);
        lenient.acknowledged(canary, route);
        lenient.sent(second, route);
        lenient.refused(second, Configs.proxy(second), route, Configs.refusal("no"));
        List.of(canary, second).forEach(node -> lenient.settled(node, first));

        Stages.Conclusion<String> over = Objects.requireNonNull(lenient.conclude(now, (by, type, refusal) -> refusal));

        assertThat(over.halts()).isEmpty();
        assertThat(over.deliveries()).extracting(Stages.Delivery::member).containsExactly(other);
    }

    @Test
    void whoComesOrComesBackIsNotGivenWhatIsHalted() {
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        haltTheRoute();

        String fresh = Configs.node(false, 3);
        join(fresh);
        assertThat(has(fresh, before)).isTrue();
        assertThat(halts(fresh)).hasSize(1);

        // Nobody is left who knows what was before.
        List.of(canary, second, other, another, fresh).forEach(stages::leave);
        told.clear();
        join(other);
        assertThat(has(other, before)).isTrue();
        assertThat(view(other).position()).isEqualTo(Configs.at(seq - 1));
        String freshCanary = Configs.node(true, 3);
        join(freshCanary);
        assertThat(has(freshCanary, desired(ROUTE, "80"))).isTrue();
    }

    @Test
    void anotherVersionIsTriedAnew() {
        joinAll();
        haltTheRoute();
        config.with(ROUTE, "80", "mended", "reviews");

        publish();
        assertThat(has(other, desired(ROUTE, "80"))).isFalse();
        assertThat(stages.halted()).isZero();
        acknowledge(canary, desired(ROUTE, "80"));
        acknowledge(second, desired(ROUTE, "80"));
        settle(canary, second);
        conclude();

        assertThat(view(other)).isEqualTo(config.view(seq));
        assertThat(halts(other)).isEmpty();
    }

    @Test
    void theVersionThatTheOthersHaveNeedsNoTrial() {
        joinAll();
        haltTheRoute();
        config.with(ROUTE, "80", "1", "reviews");

        publish();

        assertThat(wave).isZero();
        assertThat(halts(other)).isEmpty();
        assertThat(has(other, desired(ROUTE, "80"))).isTrue();
    }

    @Test
    void aVersionThatComesBackIsHaltedAlthoughItIsNotSentAgain() {
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        haltTheRoute();
        // Both at once, so that canaries are not sent what is between.
        config.with(ROUTE, "80", "between", "reviews");
        publish();
        config.with(ROUTE, "80", "refused", "reviews");
        publish();
        settle(canary, second);

        assertThat(conclude()).hasSize(1);
        assertThat(has(other, before)).isTrue();
    }

    @Test
    void whatTheVersionBeforeRefersToStays() {
        config.with(CLUSTER, "ratings", "1")
                .with(ENDPOINT, "ratings", "1")
                .with(ROUTE, "80", "1", "reviews", "ratings");
        joinAll();
        config.with(ROUTE, "80", "refused", "reviews")
                .without(CLUSTER, "ratings")
                .without(ENDPOINT, "ratings")
                .with(CLUSTER, "unused", "1");
        publish();
        refuse(canary, desired(ROUTE, "80"));
        refuse(second, desired(ROUTE, "80"));
        settle(canary, second);
        conclude();

        assertThat(has(other, CLUSTER, "ratings")).isTrue();
        assertThat(has(other, ENDPOINT, "ratings")).isTrue();
        assertThat(has(canary, CLUSTER, "ratings")).isFalse();

        // What nothing refers to goes, though a roll-out is halted.
        config.without(CLUSTER, "unused");
        publish();
        assertThat(has(other, CLUSTER, "unused")).isFalse();
        assertThat(has(other, CLUSTER, "ratings")).isTrue();

        // One that has not seen it is given it too.
        String fresh = Configs.node(false, 3);
        List.of(other, another).forEach(node -> {
            stages.leave(node);
            told.remove(node);
        });
        join(fresh);
        assertThat(has(fresh, CLUSTER, "ratings")).isTrue();
        assertThat(has(fresh, ENDPOINT, "ratings")).isTrue();
    }

    @Test
    void whatRefersToAHaltedNewResourceIsHeldBackToo() {
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        config.with(CLUSTER, "new", "refused")
                .with(ENDPOINT, "new", "1")
                .with(ROUTE, "80", "2", "new")
                .with(ROUTE, "81", "1", "new")
                .with(LISTENER, "in-81", "1", "81");
        publish();
        for (String node : List.of(canary, second)) {
            refuse(node, desired(CLUSTER, "new"));
            acknowledge(node, desired(ROUTE, "80"), desired(ROUTE, "81"), desired(LISTENER, "in-81"));
        }
        settle(canary, second);
        assertThat(conclude()).extracting(Halt::name).containsExactly("new");

        assertThat(has(other, CLUSTER, "new")).isFalse();
        assertThat(has(other, ENDPOINT, "new")).isFalse();
        assertThat(has(other, before)).isTrue();
        assertThat(has(other, ROUTE, "81")).isFalse();
        assertThat(has(other, LISTENER, "in-81")).isFalse();
    }

    @Test
    void aRouteThatOnlyAHeldListenerRefersToIsNotWaitedForByTheOthers() {
        joinAll();
        config.with(LISTENER, "in", "refused", "82").with(ROUTE, "82", "1", "reviews");
        publish();
        refuse(canary, desired(LISTENER, "in"));
        refuse(second, desired(LISTENER, "in"));
        settle(canary, second);
        conclude();

        assertThat(has(other, ROUTE, "82")).isFalse();
        assertThat(has(other, LISTENER, "in")).isTrue();
    }

    @Test
    void endpointsAreNeverHeldBack() {
        joinAll();
        config.with(ENDPOINT, "reviews", "2");
        assertThat(publish()).hasSize(4);
        assertThat(wave).isZero();

        haltTheRoute();
        config.with(ENDPOINT, "reviews", "3");
        assertThat(publish()).hasSize(4);
        assertThat(has(other, desired(ENDPOINT, "reviews"))).isTrue();
        assertThat(halts(other)).hasSize(1);
    }

    @Test
    void whatNoCanaryIsToHoldGoesOutAtOnce() {
        joinAll();
        Configs apart = new Configs().with(CLUSTER, "own", "1");
        String lonely = Configs.node(false, 9);
        take(stages.join(lonely, lonely, apart.view(seq), now));
        apart.with(CLUSTER, "own", "2");
        Stages.Publication<String> publication =
                stages.publish(Configs.at(++seq), List.of(new Stages.Next<>(lonely, apart.view(seq), false)), now);
        assertThat(publication.wave()).isZero();
        assertThat(publication.deliveries()).hasSize(1);
    }

    @Test
    void whereTheShareChoosesNobodyOneIsACanaryAllTheSame() {
        join(other);
        join(another);
        publish();
        String first = RolloutPolicy.percentile(other) < RolloutPolicy.percentile(another) ? other : another;
        config.with(ROUTE, "80", "2", "reviews");
        assertThat(publish()).containsExactly(first);
    }

    @Test
    void withAnotherShareOthersAreCanariesAndWhatIsHaltedStaysSo() {
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        haltTheRoute();
        double least = Math.min(RolloutPolicy.percentile(canary), RolloutPolicy.percentile(second));
        stages.policy(new RolloutPolicy(least + 1e-9, 50));
        String left = RolloutPolicy.percentile(canary) == least ? canary : second;
        String notAnyMore = left.equals(canary) ? second : canary;

        publish();

        assertThat(has(notAnyMore, before)).as("it had the halted one").isTrue();
        assertThat(halts(notAnyMore)).hasSize(1);
        assertThat(has(left, desired(ROUTE, "80"))).isTrue();
        stages.policy(new RolloutPolicy(100, 50));
        publish();
        assertThat(has(other, desired(ROUTE, "80"))).isTrue();
    }

    @Test
    void aHaltThatNobodyCanUndoIsForgottenInTheEnd() {
        joinAll();
        haltTheRoute();
        List.of(canary, second, other, another).forEach(node -> {
            stages.leave(node);
            told.remove(node);
        });
        publish();
        assertThat(stages.halted()).as("of those who are here").isZero();
        join(other);
        assertThat(halts(other)).hasSize(1);
        stages.leave(other);
        told.clear();
        now += Stages.REMEMBERED.toNanos() + 1;
        publish();
        join(other);
        assertThat(view(other)).isEqualTo(config.view(seq));
    }

    @Test
    void whatIsHaltedOutlivesTheGateway() throws Exception {
        config.with(CLUSTER, "ratings", "1")
                .with(ENDPOINT, "ratings", "1")
                .with(ROUTE, "80", "1", "reviews", "ratings");
        joinAll();
        XdsResource before = desired(ROUTE, "80");
        config.with(ROUTE, "80", "refused", "reviews")
                .without(CLUSTER, "ratings")
                .without(ENDPOINT, "ratings");
        publish();
        refuse(canary, desired(ROUTE, "80"));
        settle(canary, second);
        List<Halt> halts = conclude();
        assertThat(halts).hasSize(1);
        HaltedRollouts kept = HaltedRollouts.parseFrom(stages.kept().toByteArray());
        assertThat(kept.getHalted(0).getResourcesList())
                .extracting(HaltedRollouts.Resource::getName)
                .containsExactlyInAnyOrder("80", "reviews", "reviews", "ratings", "ratings");

        Stages<String> next = new Stages<>(new RolloutPolicy(50, 50));
        next.restore(kept, now);
        next.publish(Configs.at(seq), List.of(), now);
        take(next.join(other, other, config.view(seq), now));

        assertThat(has(other, before)).isTrue();
        assertThat(has(other, CLUSTER, "ratings")).isTrue();
        assertThat(has(other, ENDPOINT, "ratings")).isTrue();
        assertThat(has(other, desired(CLUSTER, "reviews"))).isTrue();
        assertThat(view(other).position()).isEqualTo(Configs.at(seq - 1));
        assertThat(halts(other)).singleElement().satisfies(halt -> {
            assertThat(halt.version()).isEqualTo(halts.getFirst().version());
            assertThat(halt.canaries()).isEqualTo(1);
            assertThat(halt.refusal().message()).isEqualTo("no, says " + canary);
        });
        // Another version is tried there too, and ends it.
        config.with(ROUTE, "80", "mended", "reviews");
        Stages.Publication<String> mended =
                next.publish(Configs.at(++seq), List.of(new Stages.Next<>(other, config.view(seq), false)), now);
        assertThat(mended.deliveries()).extracting(Stages.Delivery::view).containsExactly(config.view(seq));
        assertThat(next.haltsVersion()).isPositive();
        assertThat(next.kept().getHaltedList()).isEmpty();
    }

    @Test
    void theShareIsThatOfTheNodesWhoeverTheyAre() {
        List<String> nodes = new ArrayList<>();
        IntStream.range(0, 10_000)
                .forEach(i -> nodes.add("sidecar~10.0." + i / 256 + "." + i % 256 + "~reviews-v1-" + i
                        + ".default~default.svc.cluster.local"));
        RolloutPolicy five = new RolloutPolicy(5, 20);
        assertThat(nodes.stream().filter(five::isCanary).count()).isBetween(400L, 600L);
        RolloutPolicy ten = new RolloutPolicy(10, 20);
        assertThat(nodes.stream().filter(five::isCanary)).allMatch(ten::isCanary);
        // What a node is may never change: proxies would change sides with a gateway's version.
        assertThat(RolloutPolicy.percentile("sidecar~10.0.0.1~reviews-v1.default~default.svc.cluster.local"))
                .isEqualTo(PINNED);
    }

    private static final double PINNED = 82.88553753126726;
}
