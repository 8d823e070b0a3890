package io.meridian.cli.text;

/** Unified diffs on a terminal. */
public final class UnifiedDiff {
    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String CYAN = "\u001b[36m";
    private static final String BOLD = "\u001b[1m";
    private static final String RESET = "\u001b[0m";

    private UnifiedDiff() {}

    /** As it is, or with colors; ends with a line feed if there is any text. */
    public static String text(String diff, boolean colors) {
        if (diff.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (String line : diff.lines().toList()) {
            String color = colors ? color(line) : "";
            text.append(color).append(line).append(color.isEmpty() ? "" : RESET).append('\n');
        }
        return text.toString();
    }

    private static String color(String line) {
        if (line.startsWith("+++") || line.startsWith("---")) {
            return BOLD;
        }
        if (line.startsWith("@@")) {
            return CYAN;
        }
        if (line.startsWith("+")) {
            return GREEN;
        }
        return line.startsWith("-") ? RED : "";
    }
}
