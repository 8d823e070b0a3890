package io.meridian.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What was measured, each beside its target. Used by one thread. */
final class Scoreboard {
    private record Line(String measured, String figures, String target, String verdict) {}

    private final List<Line> lines = new ArrayList<>();

    void add(String measured, String figures, String target, boolean reached) {
        add(new Line(measured, figures, target, reached ? "reached" : "MISSED"));
    }

    /** What has no target of its own. */
    void add(String measured, String figures) {
        add(new Line(measured, figures, "–", "–"));
    }

    /** A run that fails later has told this. */
    private void add(Line line) {
        lines.add(line);
        System.err.println(line.measured() + ": " + line.figures() + "; " + line.verdict());
    }

    /** As Markdown. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder("| measured | figures | target | |\n|---|---|---|---|\n");
        lines.forEach(line -> table.append("| ")
                .append(String.join(" | ", line.measured(), line.figures(), line.target(), line.verdict()))
                .append(" |\n"));
        return table.toString();
    }
}
