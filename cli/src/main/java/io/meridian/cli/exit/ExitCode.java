package io.meridian.cli.exit;

/** How the command ends, for scripts. Documented in docs/cli.md and in {@code --help}; the numbers never change their meaning. */
public final class ExitCode {
    public static final int DONE = 0;
    /** It differs (diff), or not yet (wait). */
    public static final int DIFFERS_OR_NOT_YET = 1;
    /** The command line, a file or the context file is wrong; nothing was sent. */
    public static final int USAGE = 2;
    /** The server refused what was asked as invalid or not permitted. */
    public static final int REFUSED = 3;

    public static final int NOT_FOUND = 4;
    /** It exists already, the expected position is stale, or the state forbids it. */
    public static final int CONFLICT = 5;
    /** No server could be reached, or none answered in time. */
    public static final int UNAVAILABLE = 6;
    /** A defect in the command or in a server. */
    public static final int INTERNAL = 7;
    /** Whoever read our output went away; what a shell reports for SIGPIPE. */
    public static final int BROKEN_PIPE = 141;

    private ExitCode() {}
}
