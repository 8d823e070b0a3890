package io.meridian.cli.verb;

import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.events.v1.Takeover;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a move of a home ended. */
final class MoveReports {
    private MoveReports() {}

    /** {@code takeover} is null for a handover. */
    static Map<String, @Nullable Object> tree(MoveHomeReport report) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("position", ProtoTree.of(report.getPosition()));
        tree.put("fromRegion", report.getFromRegion());
        tree.put("toRegion", report.getToRegion());
        tree.put("writeGapMillis", Durations.of(report.getWriteGap()).toMillis());
        tree.put("eventsAtRisk", report.getEventsAtRisk());
        tree.put("takeover", report.hasTakeover() ? ProtoTree.of(report.getTakeover()) : null);
        return tree;
    }

    static String text(String mesh, MoveHomeReport report) {
        StringBuilder text = new StringBuilder("the home of mesh " + mesh + " moved from " + report.getFromRegion()
                + " to " + report.getToRegion() + " at " + Positions.text(report.getPosition()) + "\n");
        text.append("no region took writes for ")
                .append(Durations.brief(Durations.of(report.getWriteGap())))
                .append('\n');
        if (report.hasTakeover()) {
            takeover(text, report.getTakeover());
        }
        text.append("events at risk: ").append(report.getEventsAtRisk()).append('\n');
        if (report.getEventsAtRisk() > 0) {
            text.append("They are listed once ")
                    .append(report.getFromRegion())
                    .append(" is back: meridian branches list --mesh ")
                    .append(mesh)
                    .append('\n');
        }
        return text.toString();
    }

    private static void takeover(StringBuilder text, Takeover takeover) {
        text.append("promised by ").append(String.join(", ", takeover.getPromisedByList()));
        if (takeover.getUnheardCount() > 0) {
            text.append("; not heard: ").append(String.join(", ", takeover.getUnheardList()));
        }
        if (takeover.getWithoutMajority()) {
            text.append("; the majority was waived");
        }
        text.append("\nthe old home was last known at ")
                .append(Positions.cell(takeover.getLastKnownHomeHead()))
                .append('\n');
    }
}
