package io.meridian.cli.demo;

import java.io.PrintWriter;
import java.util.Locale;

/** Says on stderr what is being done, with the seconds since the start. Thread-safe. */
final class Progress {
    private final PrintWriter err;
    private final long start = System.nanoTime();

    Progress(PrintWriter err) {
        this.err = err;
    }

    void say(String what) {
        err.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - start) / 1e9, what);
        err.flush();
    }
}
