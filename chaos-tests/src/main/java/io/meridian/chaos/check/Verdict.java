package io.meridian.chaos.check;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of one rule.
 *
 * @param rule its number in docs/replication.md, "I5"
 * @param title what it demands
 * @param examined how much there was to look at, in words
 * @param violations what breaks it; empty if it holds
 */
public record Verdict(String rule, String title, String examined, List<String> violations) {
    private static final int SHOWN = 10;

    public Verdict {
        violations = List.copyOf(violations);
    }

    public boolean holds() {
        return violations.isEmpty();
    }

    /** One line, and under it the first violations. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("%-4s%-10s%s: %s"
                .formatted(rule, holds() ? "held" : "VIOLATED", title, examined + (holds() ? "" : tail())));
        violations.stream().limit(SHOWN).map(violation -> "      " + violation).forEach(lines::add);
        return lines;
    }

    private String tail() {
        return "; " + violations.size() + (violations.size() == 1 ? " violation" : " violations");
    }
}
