package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Event;
import io.meridian.cli.session.Console;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import io.meridian.cli.text.UnifiedDiff;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Events for people. */
final class EventText {
    private EventText() {}

    /** Names, or a table. */
    static String rows(List<Event> events, OutputOptions output, boolean first, Instant now) {
        if (output.isName()) {
            return OutputOptions.lines(events.stream()
                    .map(event -> Positions.text(event.getPosition()))
                    .toList());
        }
        List<String> headers = new ArrayList<>(List.of("POSITION", "AGE", "ACTOR", "CHANNEL", "WHAT", "REASON"));
        if (output.isWide()) {
            headers.addAll(List.of("TIME", "TYPE", "REGION", "OBJECTS", "PEER", "COMMAND"));
        }
        Table table = new Table(headers);
        for (Event event : events) {
            List<String> row = new ArrayList<>(List.of(
                    Positions.text(event.getPosition()),
                    Times.age(event.getTime(), now),
                    event.getActor().getSubject(),
                    event.getActor().getChannel(),
                    event.getSummary(),
                    event.getReason()));
            if (output.isWide()) {
                row.addAll(List.of(
                        Times.brief(event.getTime()),
                        event.getType(),
                        event.getOriginRegion(),
                        String.join(", ", event.getObjectsList()),
                        event.getActor().getPeer(),
                        event.getCommandId()));
            }
            table.row(row);
        }
        return table.text(first && !output.noHeaders);
    }

    /** One event on one line, for a watch. */
    static String line(Event event) {
        String reason = event.getReason().isEmpty() ? "" : "  (" + event.getReason() + ")";
        return Positions.text(event.getPosition()) + "  " + Times.brief(event.getTime()) + "  "
                + event.getActor().getSubject() + "  " + event.getSummary() + reason;
    }

    /** All that is known of one event. */
    static String details(Console console, Event event) {
        StringBuilder text = new StringBuilder();
        field(text, "Position", Positions.text(event.getPosition()));
        field(text, "What", event.getSummary());
        field(text, "Type", event.getType());
        field(text, "Time", Times.rfc3339(event.getTime()));
        field(
                text,
                "Actor",
                event.getActor().getSubject()
                        + (event.getActor().getAuthenticated() ? " (authenticated)" : " (claimed)"));
        field(text, "Channel", event.getActor().getChannel());
        field(text, "Peer", event.getActor().getPeer());
        field(text, "Reason", event.getReason());
        field(text, "Region", event.getOriginRegion());
        field(text, "Command", event.getCommandId());
        field(text, "Objects", String.join(", ", event.getObjectsList()));
        field(text, "Hash", event.getHash());
        if (!event.getDiff().isEmpty()) {
            text.append('\n').append(UnifiedDiff.text(event.getDiff(), console.colors()));
        }
        return text.toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append(name)
                    .append(':')
                    .repeat(" ", 10 - name.length())
                    .append(value)
                    .append('\n');
        }
    }
}
