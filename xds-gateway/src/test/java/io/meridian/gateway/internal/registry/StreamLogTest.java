package io.meridian.gateway.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.XdsType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(7));

    private final StreamLog log = new StreamLog(CLOCK, new SentResponses(), new SentMemo(CLOCK));

    @Test
    void aRefusalStaysUntilTheTypeIsAcknowledged() {
        Refusal refusal = log.refused(XdsType.ROUTE, "no");

        assertThat(log.facts().refusals()).containsOnly(Map.entry(XdsType.ROUTE, refusal));
        assertThat(log.facts().refused()).isEqualTo(1);
        log.explained(XdsType.ROUTE, refusal, Refusal.Causes.NONE);
        assertThat(log.facts().refusals().get(XdsType.ROUTE)).isEqualTo(refusal.withCauses(Refusal.Causes.NONE));
        log.acknowledged(XdsType.ROUTE);
        assertThat(log.facts().refusals()).isEmpty();
        assertThat(log.facts().refused()).isEqualTo(1);
    }

    @Test
    void theExplanationOfAnEarlierRefusalIsPassedOver() {
        Refusal first = log.refused(XdsType.ROUTE, "no");
        Refusal second = log.refused(XdsType.ROUTE, "still no");

        log.explained(XdsType.ROUTE, first, Refusal.Causes.NONE);

        assertThat(log.facts().refusals()).containsOnly(Map.entry(XdsType.ROUTE, second));
    }

    @Test
    void aLongTextIsShortenedAndOnlyConductIsWorthTelling() {
        assertThat(log.refused(XdsType.ROUTE, "x".repeat(10_000)).message()).hasSize(StreamLog.MOST_TEXT + 3);
        assertThat(log.conductChanged()).isTrue();
        StreamFacts facts = log.facts();

        log.unread(100, 0);
        log.acknowledged(XdsType.CLUSTER);

        assertThat(log.conductChanged()).isFalse();
        assertThat(log.facts()).isEqualTo(facts);
        log.unread(100, 9);
        assertThat(log.conductChanged()).isTrue();
        assertThat(log.facts().unreadBytes()).isEqualTo(100);
    }

    @Test
    void onlyTheLastNodesAreRememberedAndOnlyAMinute() {
        NodeHistory history = new NodeHistory();
        ProxyRegistry.Key key = new ProxyRegistry.Key("m", "n");
        for (int i = 0; i < 50; i++) {
            history.opened(key, 1_000_000 + i);
        }
        history.ended(key, "cut", 1_000_100);

        assertThat(history.of(key, 1_001_000)).isEqualTo(new NodeHistory.Past(50, "cut", 1_000_100));
        assertThat(history.of(key, 1_070_000).streamsLastMinute()).isZero();
        for (int i = 0; i < NodeHistory.MOST_NODES; i++) {
            history.opened(new ProxyRegistry.Key("m", "other-" + i), 1_070_000);
        }
        assertThat(history.of(key, 1_070_000)).isEqualTo(NodeHistory.Past.NONE);
    }
}
