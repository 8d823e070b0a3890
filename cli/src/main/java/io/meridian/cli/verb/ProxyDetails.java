package io.meridian.cli.verb;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ProxyStatus.Conduct;
import io.meridian.api.type.v1.ProxyStatus.Rejection;
import io.meridian.api.type.v1.ProxyStatus.TypeStatus;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** All that is known of one proxy, for people, as kubectl describes things. */
final class ProxyDetails {
    private static final int INDENT = 16;

    private ProxyDetails() {}

    static String of(ProxyStatus proxy, Instant now) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("Name", ProxyTable.name(proxy.getNode()));
        lines.put("Node", proxy.getNode());
        lines.put("Cluster", proxy.getCluster());
        lines.put("Type", proxy.getType());
        lines.put("Version", proxy.getVersion());
        lines.put("Gateway", proxy.getGateway() + " in region " + proxy.getRegion());
        lines.put("Peer", proxy.getPeer() + " (" + proxy.getProtocol() + ")");
        lines.put("Connected", time(proxy.getConnectedAtMs(), now));
        if (proxy.getDisconnectedAtMs() != 0) {
            lines.put("Disconnected", time(proxy.getDisconnectedAtMs(), now));
        }
        Duration lag = Durations.of(proxy.getLag());
        lines.put("State", proxy.getState() + (lag.isZero() ? "" : ", behind for " + Durations.brief(lag)));
        lines.put("Acknowledged", Positions.cell(proxy.getAcknowledged()));
        lines.put("Served", Positions.cell(proxy.getServed()));
        conduct(proxy.getConduct(), now, lines);
        StringBuilder text = new StringBuilder();
        lines.forEach((name, value) -> line(text, name, value));
        text.append('\n').append(types(proxy, now).text(true));
        proxy.getTypesList().stream().filter(TypeStatus::hasRejected).forEach(type -> rejection(type, now, text));
        proxy.getHeldList().forEach(held -> held(held, now, text));
        return text.append('\n').toString();
    }

    private static void held(ProxyStatus.HeldResource held, Instant now, StringBuilder text) {
        text.append('\n')
                .append(held.getType())
                .append(' ')
                .append(held.getName())
                .append(" is kept on the version before, as canaries refused another ")
                .append(time(held.getAtMs(), now))
                .append(":\n");
        line(text, "  Refused", held.getRefused() + " of " + held.getCanaries() + " canaries");
        line(text, "  Message", held.getMessage());
        line(text, "  Version", held.getVersion());
        causes(held.getObjectsList(), held.hasEvent() ? Positions.text(held.getEvent()) : "", text);
    }

    private static void causes(List<ProxyStatus.Cause> objects, String event, StringBuilder text) {
        objects.forEach(cause -> line(
                text,
                "  Made of",
                object(cause.getObject()) + ", changed by event " + Positions.text(cause.getModified())));
        if (!event.isEmpty()) {
            line(text, "  Event", event + " ('meridian history " + event + "' shows who did what)");
        }
    }

    private static void conduct(Conduct conduct, Instant now, Map<String, String> lines) {
        lines.put("Streams", conduct.getStreamsLastMinute() + " in the last minute");
        if (!conduct.getLastEnd().isEmpty()) {
            lines.put("Last end", time(conduct.getLastEndAtMs(), now) + ": " + conduct.getLastEnd());
        }
        lines.put("Refusals", conduct.getRefusals() + " on this stream");
        if (conduct.getUnreadBytes() > 0) {
            lines.put("Unread", conduct.getUnreadBytes() + " bytes since " + time(conduct.getUnreadSinceMs(), now));
        }
        if (conduct.getUnacknowledgedSinceMs() > 0) {
            lines.put("Unanswered", "since " + time(conduct.getUnacknowledgedSinceMs(), now));
        }
    }

    private static Table types(ProxyStatus proxy, Instant now) {
        Table table = new Table("TYPE", "STATE", "RESOURCES", "ACKNOWLEDGED", "SENT", "SENT VERSION", "SENT AGO");
        for (TypeStatus type : proxy.getTypesList()) {
            table.row(
                    type.getType(),
                    type.getState().name(),
                    Integer.toString(type.getResources()),
                    Positions.cell(type.getAcknowledged()),
                    Positions.cell(type.getSent().getPosition()),
                    type.getSent().getVersion(),
                    type.hasSent() ? ago(type.getSent().getAtMs(), now) : "");
        }
        return table;
    }

    private static void rejection(TypeStatus type, Instant now, StringBuilder text) {
        Rejection rejection = type.getRejected();
        text.append('\n')
                .append(type.getType())
                .append(" refused ")
                .append(time(rejection.getAtMs(), now))
                .append(":\n");
        line(text, "  Message", rejection.getMessage());
        line(
                text,
                "  Response",
                "version " + rejection.getVersion() + ", compiled at " + Positions.cell(rejection.getPosition()));
        String more = rejection.getMoreResources() == 0 ? "" : " and " + rejection.getMoreResources() + " more";
        line(
                text,
                "  Resources",
                rejection.getResourcesList().stream()
                                .map(resource -> resource.getName() + " (version " + resource.getVersion() + ")")
                                .collect(Collectors.joining(", "))
                        + more);
        causes(rejection.getObjectsList(), rejection.hasEvent() ? Positions.text(rejection.getEvent()) : "", text);
    }

    /** "VirtualService default/reviews". */
    static String object(ResourceKey key) {
        return key.getKind() + " " + key.getNamespace() + "/" + key.getName();
    }

    private static void line(StringBuilder text, String name, String value) {
        String clean = value.replaceAll("\\p{Cntrl}+", " ").strip();
        text.append(name)
                .append(':')
                .repeat(" ", Math.max(1, INDENT - name.length()))
                .append(clean.isEmpty() ? "-" : clean)
                .append('\n');
    }

    private static String time(long millis, Instant now) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS) + " (" + ago(millis, now) + " ago)";
    }

    private static String ago(long millis, Instant now) {
        return Durations.brief(Duration.between(Instant.ofEpochMilli(millis), now));
    }
}
