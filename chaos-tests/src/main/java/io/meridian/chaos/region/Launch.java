package io.meridian.chaos.region;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** How and where servers are started. Thread-safe. */
interface Launch {
    String LOOPBACK = "127.0.0.1";

    /**
     * What is started.
     *
     * @param name of the region or gateway
     * @param arguments of the launcher
     * @param reads the files of this machine that it needs
     * @param data the folder of this machine that outlives it
     * @param log what it writes to stderr is appended there
     */
    record Program(String name, List<String> arguments, List<Path> reads, Path data, Path log) {
        public Program {
            arguments = List.copyOf(arguments);
            reads = List.copyOf(reads);
        }
    }

    /** The address that they bind and others reach them by. */
    String host();

    /**
     * Starts one; it need not be ready yet.
     *
     * @throws IOException if it could not be started; then nothing of it is left
     */
    Life start(Program program) throws IOException, InterruptedException;
}
