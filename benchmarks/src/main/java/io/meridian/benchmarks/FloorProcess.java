package io.meridian.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A {@link FloorServer} in a process of its own. Not thread-safe. */
final class FloorProcess implements AutoCloseable {
    private static final String READY = "ready xds=";

    private final Process process;
    private final Writer commands;
    private final String address;

    private FloorProcess(Process process, String address) {
        this.process = process;
        this.address = address;
        commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts it, with this JVM's class path.
     *
     * @param options of its JVM
     * @param bytes of each response
     */
    static FloorProcess start(List<String> options, int bytes) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Macro.class.getName(), "floor-server"));
        command.addAll(List.of("--bytes", Integer.toString(bytes)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String ready = out.readLine();
        if (ready == null || !ready.startsWith(READY)) {
            process.destroyForcibly();
            throw new IOException("the floor server did not start: " + ready);
        }
        return new FloorProcess(process, ready.substring(READY.length()));
    }

    /** Its HOST:PORT. */
    String address() {
        return address;
    }

    long pid() {
        return process.pid();
    }

    /** Lets it send to all its streams once. */
    void push() {
        try {
            commands.write("\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the floor server has ended", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
