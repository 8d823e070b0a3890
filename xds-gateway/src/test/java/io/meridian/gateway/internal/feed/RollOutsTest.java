package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.RollOutPolicy;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Which version is told when proxies refuse. */
class RollOutsTest {
    private static final Position AT = new Position(new MeshId("bookinfo"), new Epoch(1), 1);
    private static final RollOutPolicy POLICY = new RollOutPolicy(3, 0.5, 4, Duration.ofMinutes(1));

    private final RollOuts rollOuts = new RollOuts(POLICY);
    private long now;

    private static XdsResource route(String name, String content) {
        return XdsResource.of(XdsType.ROUTE, name, StringValue.of(name + content), AT);
    }

    private static Map<XdsType, PSortedMap<String, XdsResource>> view(XdsResource... resources) {
        PSortedMap<String, XdsResource> map = TreePMap.empty();
        for (XdsResource resource : resources) {
            map = map.plus(resource.name(), resource);
        }
        return Map.of(XdsType.ROUTE, map);
    }

    private static XdsResource told(RollOuts.Told told, String name) {
        return in(told.resources(), name);
    }

    private static XdsResource in(Map<XdsType, PSortedMap<String, XdsResource>> resources, String name) {
        return Objects.requireNonNull(
                resources.getOrDefault(XdsType.ROUTE, TreePMap.empty()).get(name));
    }

    private static Map<String, String> words(RollOuts.Told told) {
        return told.halts().words().getOrDefault(XdsType.ROUTE, Map.of());
    }

    private static Refusal refusal(XdsResource resource) {
        return new Refusal(
                AT,
                "v",
                "no",
                List.of(new Refusal.Resource(resource.name(), resource.version(), AT)),
                0,
                Instant.EPOCH,
                null);
    }

    private List<String> refuse(String node, XdsResource resource) {
        return rollOuts.refused(node, XdsType.ROUTE, refusal(resource), of -> Refusal.Causes.NONE, now);
    }

    private RollOuts.Told publish(
            Map<XdsType, PSortedMap<String, XdsResource>> from,
            Map<XdsType, PSortedMap<String, XdsResource>> to,
            int streams) {
        rollOuts.tellingAll();
        RollOuts.Told told = rollOuts.tell(to, from, now);
        for (int stream = 1; stream < streams; stream++) {
            rollOuts.tell(to, from, now);
        }
        rollOuts.toldAll(now);
        return told;
    }

    @Test
    void aVersionThatHalfRefuseIsWithheldFromAllAndFromThoseWhoCome() {
        var good = view(route("r", "1"), route("s", "1"));
        var bad = view(route("r", "2"), route("s", "1"));
        assertThat(publish(good, bad, 10).resources()).isSameAs(bad);
        rollOuts.accepted(List.of(route("r", "2")));
        assertThat(refuse("a", route("r", "2"))).isEmpty();
        assertThat(refuse("b", route("r", "2"))).isEmpty();

        assertThat(refuse("c", route("r", "2"))).hasSize(1);

        RollOuts.Told told = rollOuts.tell(bad, null, now);
        assertThat(told(told, "r")).isEqualTo(route("r", "1"));
        assertThat(told(told, "s")).isEqualTo(route("s", "1"));
        assertThat(words(told)).containsOnlyKeys("r");
        assertThat(words(told).get("r")).contains("3 of 4 answers", "no");
        assertThat(rollOuts.tell(bad, null, now)).as("one object for all").isSameAs(told);
        assertThat(rollOuts.halted()).isEqualTo(1);
    }

    @Test
    void itEndsWhenTheResourceChangesAgain() {
        var good = view(route("r", "1"));
        var bad = view(route("r", "2"));
        var mended = view(route("r", "3"));
        publish(good, bad, 4);
        List.of("a", "b", "c", "d").forEach(node -> refuse(node, route("r", "2")));
        publish(bad, bad, 4);
        assertThat(told(rollOuts.tell(bad, null, now), "r"))
                .as("one that comes between")
                .isEqualTo(route("r", "1"));

        rollOuts.tellingAll();
        rollOuts.tell(mended, bad, now);

        assertThat(rollOuts.toldAll(now)).containsExactly("RDS r");
        assertThat(rollOuts.tell(mended, bad, now).resources()).isSameAs(mended);
        assertThat(rollOuts.halted()).isZero();
    }

    @Test
    void whoseVersionBeforeWasHaltedGoesOnWithTheOneBeforeThat() {
        var good = view(route("r", "1"));
        var bad = view(route("r", "2"));
        var worse = view(route("r", "3"));
        publish(good, bad, 4);
        List.of("a", "b", "c", "d").forEach(node -> refuse(node, route("r", "2")));
        publish(bad, worse, 4);
        List.of("a", "b", "c", "d").forEach(node -> refuse(node, route("r", "3")));

        assertThat(told(rollOuts.tell(worse, worse, now), "r")).isEqualTo(route("r", "1"));
    }

    @Test
    void theLastAnswerDecidesWhicheverItIs() {
        publish(view(route("r", "1")), view(route("r", "2")), 4);
        List.of("a", "b", "c")
                .forEach(node -> assertThat(refuse(node, route("r", "2"))).isEmpty());

        assertThat(rollOuts.accepted(List.of(route("r", "2")))).isTrue();

        assertThat(rollOuts.review(now)).hasSize(1);
    }

    @Test
    void oneProxyThatRefusesManyTimesIsOne() {
        publish(view(route("r", "1")), view(route("r", "2")), 4);

        for (int time = 0; time < 10; time++) {
            assertThat(refuse("a", route("r", "2"))).isEmpty();
        }
    }

    @Test
    void aFewThatAnswerFirstDoNotDecideForMany() {
        publish(view(route("r", "1")), view(route("r", "2")), 100);

        assertThat(refuse("a", route("r", "2"))).isEmpty();
        assertThat(refuse("b", route("r", "2"))).isEmpty();
        assertThat(refuse("c", route("r", "2"))).isEmpty();
        for (int proxy = 0; proxy < 10; proxy++) {
            rollOuts.accepted(List.of(route("r", "2")));
        }
        assertThat(refuse("d", route("r", "2"))).isEmpty();
    }

    @Test
    void whatIsNewIsNeverWithheldAndWhatIsOldNeitherAndNothingAfterAWhile() {
        publish(view(route("r", "1")), view(route("r", "1"), route("s", "1")), 4);
        List.of("a", "b", "c", "d").forEach(node -> {
            assertThat(refuse(node, route("s", "1"))).isEmpty();
            assertThat(refuse(node, route("r", "1"))).isEmpty();
        });
        publish(view(route("r", "1")), view(route("r", "2")), 4);
        now += Duration.ofMinutes(2).toNanos();
        List.of("a", "b", "c", "d")
                .forEach(node -> assertThat(refuse(node, route("r", "2"))).isEmpty());
        assertThat(rollOuts.forgetsAtNanos()).isEmpty();
    }

    @Test
    void aPolicyThatMeansNothingIsRefusedByName() {
        assertThatThrownBy(() -> new RollOutPolicy(0, 0.5, 1, Duration.ZERO)).hasMessageContaining("refusals");
        assertThatThrownBy(() -> new RollOutPolicy(1, 0, 1, Duration.ZERO)).hasMessageContaining("share");
        assertThatThrownBy(() -> new RollOutPolicy(1, Double.NaN, 1, Duration.ZERO))
                .hasMessageContaining("share");
        assertThatThrownBy(() -> new RollOutPolicy(1, 1, 0, Duration.ZERO)).hasMessageContaining("answers");
        assertThatThrownBy(() -> new RollOutPolicy(1, 1, 1, Duration.ofSeconds(-1)))
                .hasMessageContaining("watch");
    }

    @Property
    void itTakesEnoughRefusalsOfEnoughAnswers(
            @ForAll @IntRange(max = 200) int accepted,
            @ForAll @IntRange(max = 200) int refused,
            @ForAll @IntRange(max = 400) int told) {
        boolean halts = POLICY.halts(accepted, refused, told);

        if (halts) {
            assertThat(refused).isGreaterThanOrEqualTo(3).isGreaterThanOrEqualTo(accepted);
            assertThat(POLICY.halts(accepted, refused + 1, told))
                    .as("one more refusal")
                    .isTrue();
        } else {
            assertThat(POLICY.halts(accepted + 1, refused, told) && accepted + refused >= 4)
                    .as("one more acceptance")
                    .isFalse();
        }
    }

    /** Groups of streams, versions that come and go, proxies that refuse by chance. */
    @Property(tries = 500)
    void whatIsToldIsWhatIsCompiledOrWhatWasToldBefore(@ForAll long seed) {
        Random random = new Random(seed);
        RollOuts any = new RollOuts(POLICY);
        List<Map<XdsType, PSortedMap<String, XdsResource>>> compiled = new ArrayList<>();
        List<Map<String, Set<XdsResource>>> everTold = new ArrayList<>();
        for (int group = 0; group < 3; group++) {
            compiled.add(view(route("r", "0"), route("s", "0")));
            everTold.add(new HashMap<>(
                    Map.of("r", new HashSet<>(Set.of(route("r", "0"))), "s", new HashSet<>(Set.of(route("s", "0"))))));
        }
        Set<XdsResource> refusedOnce = new HashSet<>();
        for (int step = 0; step < 60; step++) {
            any.tellingAll();
            for (int group = 0; group < 3; group++) {
                var before = compiled.get(group);
                String content = Integer.toString(random.nextInt(4));
                var next = random.nextInt(3) > 0
                        ? before
                        : view(route("r", content), route("s", random.nextBoolean() ? "0" : content));
                RollOuts.Told told = any.tell(next, before, now);
                for (int stream = 0; stream < 3; stream++) {
                    any.tell(next, before, now);
                }
                compiled.set(group, next);
                for (String name : List.of("r", "s")) {
                    Set<XdsResource> ever =
                            Objects.requireNonNull(everTold.get(group).get(name));
                    XdsResource is = told(told, name);
                    XdsResource should = in(next, name);
                    if (!is.equals(should)) {
                        assertThat(ever).as("told before").contains(is);
                        assertThat(refusedOnce).as("refused").contains(should);
                        assertThat(words(told)).containsKey(name);
                    }
                    ever.add(is);
                }
            }
            any.toldAll(now);
            for (int answer = 0; answer < 4; answer++) {
                XdsResource answered = route(random.nextBoolean() ? "r" : "s", Integer.toString(random.nextInt(4)));
                if (random.nextInt(3) == 0) {
                    any.accepted(List.of(answered));
                } else {
                    refusedOnce.add(answered);
                    any.refused(
                            "node" + random.nextInt(8),
                            XdsType.ROUTE,
                            refusal(answered),
                            of -> Refusal.Causes.NONE,
                            now);
                }
            }
        }
        // Once nobody refuses, and what is there changes, everyone is told what is there.
        var last = view(route("r", "last"), route("s", "last"));
        any.tellingAll();
        for (int group = 0; group < 3; group++) {
            any.tell(last, compiled.get(group), now);
        }
        any.toldAll(now);
        assertThat(any.tell(last, last, now).resources()).isSameAs(last);
        assertThat(any.halted()).as("what only a group had that is gone").isLessThanOrEqualTo(6);
    }
}
