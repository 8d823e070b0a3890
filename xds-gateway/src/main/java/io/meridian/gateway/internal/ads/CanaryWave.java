package io.meridian.gateway.internal.ads;

import io.meridian.compiler.XdsResource;
import io.meridian.gateway.internal.feed.CanaryRollout;
import io.meridian.gateway.internal.feed.ViewSubscriber;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.gateway.internal.registry.StreamLog;
import java.util.List;
import java.util.Set;

/** What a stream says as a canary, from one wave of changes on until the next. Confined to the stream's loop. */
final class CanaryWave {
    private final CanaryRollout rollout;
    private final ViewSubscriber canary;
    private final long number;
    private boolean answered;

    CanaryWave(CanaryRollout rollout, ViewSubscriber canary, long number) {
        this.rollout = rollout;
        this.canary = canary;
        this.number = number;
    }

    long number() {
        return number;
    }

    void sent(Outgoing response) {
        if (response.type() != null) {
            rollout.sent(canary, response.resources());
        }
    }

    void acknowledged(Outgoing response) {
        rollout.acknowledged(canary, response.resources());
    }

    void refused(Outgoing response, String message, Refusal refusal) {
        Set<String> blamed = StreamLog.blamed(response, message);
        List<XdsResource> resources = response.resources().stream()
                .filter(resource -> blamed.contains(resource.name()))
                .toList();
        rollout.refused(canary, resources, refusal);
    }

    /** Says once that all of the wave is answered, when it is. */
    void look(DiscoveryStream stream, long nowNanos) {
        if (!answered && stream.answered(nowNanos)) {
            answered = true;
            rollout.answered(canary, number);
        }
    }
}
