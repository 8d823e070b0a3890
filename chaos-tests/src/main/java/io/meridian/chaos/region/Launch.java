package io.meridian.chaos.region;

import java.nio.file.Path;
import java.util.List;

/**
 * How and where a server's process is started.
 *
 * @param launcher the script {@code meridian}
 * @param heap its largest, for example 192m
 * @param javaOptions more options of its JVM, separated by blanks
 * @param host the address that it binds and others reach it by
 * @param prefix what the command begins with; the process must stay the same one
 */
record Launch(Path launcher, String heap, String javaOptions, String host, List<String> prefix) {
    private static final String LOOPBACK = "127.0.0.1";

    Launch {
        prefix = List.copyOf(prefix);
    }

    /** On this machine's loopback. */
    Launch(Path launcher, String heap, String javaOptions) {
        this(launcher, heap, javaOptions, LOOPBACK, List.of());
    }

    Launch at(String newHost, List<String> newPrefix) {
        return new Launch(launcher, heap, javaOptions, newHost, newPrefix);
    }
}
