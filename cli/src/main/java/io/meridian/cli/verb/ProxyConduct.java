package io.meridian.cli.verb;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ProxyStatus.Conduct;
import io.meridian.cli.text.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Which clients misbehave, and how. */
final class ProxyConduct {
    /** A proxy that is restarted, or whose gateway is, opens fewer. */
    private static final int MANY_STREAMS = 5;

    private static final Duration LONG_UNANSWERED = Duration.ofSeconds(10);
    /** Ends that are no one's fault. */
    private static final List<String> HARMLESS = List.of("the client closed it", "UNAVAILABLE", "gateway ");

    private ProxyConduct() {}

    /** A sentence for each client and kind of misbehaviour, naming node and peer. */
    static List<String> warnings(List<ProxyStatus> connected, List<ProxyStatus> departed, Instant now) {
        List<String> warnings = new ArrayList<>();
        for (ProxyStatus proxy : connected) {
            Conduct conduct = proxy.getConduct();
            streams(proxy, warnings);
            if (conduct.getUnreadBytes() > 0) {
                warnings.add(who(proxy) + " has left " + conduct.getUnreadBytes() + " bytes unread for "
                        + since(conduct.getUnreadSinceMs(), now));
            } else if (conduct.getUnacknowledgedSinceMs() > 0
                    && now.minus(LONG_UNANSWERED).toEpochMilli() >= conduct.getUnacknowledgedSinceMs()) {
                warnings.add(who(proxy) + " has left a response unanswered for "
                        + since(conduct.getUnacknowledgedSinceMs(), now));
            }
        }
        for (ProxyStatus proxy : departed) {
            Conduct conduct = proxy.getConduct();
            if (!isHarmless(conduct.getLastEnd())) {
                warnings.add(who(proxy) + " was cut off " + since(proxy.getDisconnectedAtMs(), now) + " ago: "
                        + conduct.getLastEnd());
            }
            streams(proxy, warnings);
        }
        return warnings;
    }

    private static void streams(ProxyStatus proxy, List<String> warnings) {
        Conduct conduct = proxy.getConduct();
        if (conduct.getStreamsLastMinute() >= MANY_STREAMS) {
            warnings.add(who(proxy) + " opened " + conduct.getStreamsLastMinute()
                    + " streams in a minute; the last one ended: " + conduct.getLastEnd());
        }
    }

    private static boolean isHarmless(String end) {
        return end.isEmpty() || HARMLESS.stream().anyMatch(end::startsWith);
    }

    private static String who(ProxyStatus proxy) {
        return ProxyTable.name(proxy.getNode()) + " (" + proxy.getPeer() + ")";
    }

    private static String since(long millis, Instant now) {
        return Durations.brief(Duration.between(Instant.ofEpochMilli(millis), now));
    }
}
