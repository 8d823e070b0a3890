package io.meridian.chaos.region;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Servers as processes of this machine.
 *
 * @param launcher the script {@code meridian}
 * @param heap its largest, for example 192m
 * @param javaOptions more options of its JVM, separated by blanks
 * @param prefix what the command begins with; the process must stay the same one
 */
record ProcessLaunch(Path launcher, String heap, String javaOptions, String host, List<String> prefix)
        implements Launch {
    ProcessLaunch {
        prefix = List.copyOf(prefix);
    }

    /** On this machine's loopback. */
    ProcessLaunch(Path launcher, String heap, String javaOptions) {
        this(launcher, heap, javaOptions, LOOPBACK, List.of());
    }

    ProcessLaunch at(String newHost, List<String> newPrefix) {
        return new ProcessLaunch(launcher, heap, javaOptions, newHost, newPrefix);
    }

    @Override
    public Life start(Program program) throws IOException {
        return ServerProcess.start(this, program);
    }
}
