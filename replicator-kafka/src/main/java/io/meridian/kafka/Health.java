package io.meridian.kafka;

import io.meridian.model.position.RegionId;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether one region's topic can be relied on. Thread-safe. */
final class Health {
    private static final Logger log = LoggerFactory.getLogger(Health.class);

    private final RegionId region;
    private final Duration downAfter;
    private String detail = "it was not looked at yet";
    private boolean up;
    private boolean calls;
    private boolean seen;
    private long seenNanos;
    private boolean told;
    private boolean toldUp;

    Health(RegionId region, Duration downAfter) {
        this.region = region;
        this.downAfter = downAfter;
    }

    RegionId region() {
        return region;
    }

    /** Brokers that do not answer for a moment change nothing. */
    synchronized void look(TopicVerdict verdict, long nowNanos) {
        calls = verdict instanceof TopicVerdict.Unusable;
        switch (verdict) {
            case TopicVerdict.Usable(var partitions) -> {
                up = true;
                detail = "";
                seen = true;
                seenNanos = nowNanos;
            }
            case TopicVerdict.Missing(var topic) -> down("there is no topic " + topic + " (yet)");
            case TopicVerdict.Unusable(var reason) -> down(reason);
            case TopicVerdict.Unreachable(var reason) -> {
                if (!seen || nowNanos - seenNanos > downAfter.toNanos()) {
                    down("no answer: " + reason);
                }
            }
        }
    }

    private void down(String why) {
        up = false;
        detail = why;
    }

    synchronized boolean isUp() {
        return up;
    }

    /** Whether an operator has to change something. */
    synchronized boolean calls() {
        return calls;
    }

    /** Why it is not up; empty if it is. */
    synchronized String detail() {
        return detail;
    }

    synchronized void logChange(KafkaSettings settings) {
        if (told && toldUp == up) {
            return;
        }
        told = true;
        toldUp = up;
        String topic = settings.topic(region.name());
        if (up) {
            log.info("topic up topic={}", topic);
        } else if (calls) {
            log.error("TOPIC UNUSABLE topic={} reason=\"{}\"; events go over the streams", topic, detail);
        } else {
            log.warn("topic down topic={} reason=\"{}\"; events go over the streams", topic, detail);
        }
    }
}
