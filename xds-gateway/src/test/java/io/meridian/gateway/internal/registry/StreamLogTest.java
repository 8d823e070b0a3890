package io.meridian.gateway.internal.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.protocol.DeltaStream;
import io.meridian.gateway.internal.protocol.ProtocolLimits;
import io.meridian.gateway.internal.protocol.Sharing;
import io.meridian.gateway.internal.protocol.TooManyNamesException;
import io.meridian.gateway.internal.protocol.Unanswered;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(7));

    private final Unanswered response = response();
    private final StreamLog log = new StreamLog(CLOCK);

    /** Any will do. */
    private static Unanswered response() {
        DeltaStream stream = new DeltaStream(true, new Sharing("test", 1 << 20), ProtocolLimits.DEFAULT, 0);
        try {
            stream.onRequest(
                    DeltaDiscoveryRequest.newBuilder().setTypeUrl("unserved").build(), 0);
        } catch (TooManyNamesException e) {
            throw new AssertionError(e);
        }
        return new Unanswered(requireNonNull(stream.poll(0), "an answer with nothing"), null, 0);
    }

    @Test
    void aRefusalStaysUntilTheTypeIsAcknowledged() {
        Refusal refusal = log.refused(XdsType.ROUTE, response, "no");

        assertThat(log.facts(0).refusals()).containsOnly(Map.entry(XdsType.ROUTE, refusal));
        assertThat(log.facts(0).refused()).isEqualTo(1);
        log.explained(XdsType.ROUTE, refusal, Refusal.Causes.NONE);
        assertThat(log.facts(0).refusals().get(XdsType.ROUTE)).isEqualTo(refusal.withCauses(Refusal.Causes.NONE));
        log.acknowledged(XdsType.ROUTE);
        assertThat(log.facts(0).refusals()).isEmpty();
        assertThat(log.facts(0).refused()).isEqualTo(1);
    }

    @Test
    void theExplanationOfAnEarlierRefusalIsPassedOver() {
        Refusal first = log.refused(XdsType.ROUTE, response, "no");
        Refusal second = log.refused(XdsType.ROUTE, response, "still no");

        log.explained(XdsType.ROUTE, first, Refusal.Causes.NONE);

        assertThat(log.facts(0).refusals()).containsOnly(Map.entry(XdsType.ROUTE, second));
    }

    @Test
    void aLongTextIsShortenedAndOnlyConductIsWorthTelling() {
        assertThat(log.refused(XdsType.ROUTE, response, "x".repeat(10_000)).message())
                .hasSize(StreamLog.MOST_TEXT + 3);
        assertThat(log.conductChanged()).isTrue();
        StreamFacts facts = log.facts(0);

        log.unread(100, 0);
        log.acknowledged(XdsType.CLUSTER);

        assertThat(log.conductChanged()).isFalse();
        assertThat(log.facts(0)).isEqualTo(facts);
        log.unread(100, 9);
        assertThat(log.conductChanged()).isTrue();
        assertThat(log.facts(0).unreadBytes()).isEqualTo(100);
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
