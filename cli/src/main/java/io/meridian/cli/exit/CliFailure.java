package io.meridian.cli.exit;

import java.util.List;

/** Ends the command with {@code exitCode}; each line is printed on stderr after "error: ". */
public final class CliFailure extends RuntimeException {
    private final int exitCode;
    private final transient List<String> lines;

    public CliFailure(int exitCode, List<String> lines) {
        super(String.join("\n", lines));
        this.exitCode = exitCode;
        this.lines = List.copyOf(lines);
    }

    public CliFailure(int exitCode, String line) {
        this(exitCode, List.of(line));
    }

    /** The command line or a file is wrong. */
    public static CliFailure usage(String line) {
        return new CliFailure(ExitCode.USAGE, line);
    }

    public int exitCode() {
        return exitCode;
    }

    public List<String> lines() {
        return lines;
    }
}
