package io.meridian.chaos.region;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One life of a region or a gateway, and what can be done to it from outside. Thread-safe. */
interface Life {
    /** For a start, also on a machine that is busy with other things. */
    Duration START = Duration.ofMinutes(2);

    /** For an end that was asked for. */
    Duration END = Duration.ofSeconds(30);

    /** The first line that it prints; empty if it ends without any. */
    CompletableFuture<String> firstLine();

    /**
     * Returns when it is ready.
     *
     * @param log where its log is, for whoever reads the error
     * @throws IOException if it does not become so; it is killed then
     */
    default void awaitReady(Path log) throws IOException, InterruptedException {
        try {
            String line = firstLine().get(START.toSeconds(), TimeUnit.SECONDS);
            if (!line.startsWith("ready")) {
                throw new IOException("no ready line but \"" + line + "\"; its log is " + log);
            }
        } catch (ExecutionException | TimeoutException e) {
            kill9();
            throw new IOException("did not get ready within " + START + "; its log is " + log, e);
        } catch (IOException | InterruptedException e) {
            kill9();
            throw e;
        }
    }

    boolean isAlive();

    /** SIGKILL, also while it starts or is paused; does nothing if it has ended. Returns when nothing of it runs any more. */
    void kill9() throws IOException, InterruptedException;

    /** SIGTERM, and if that does not help within {@link #END}, SIGKILL. Whether SIGTERM was enough. */
    boolean terminate() throws IOException, InterruptedException;

    /** Nothing of it runs until {@link #resume}; nobody is told. */
    void pause() throws IOException, InterruptedException;

    /** Does nothing if it is not paused. */
    void resume() throws IOException, InterruptedException;

    /**
     * From now on no file of it grows beyond {@code bytes}: a write there fails as if the disk was full.
     *
     * @param bytes or "unlimited"
     * @throws IOException also where util-linux's prlimit is not installed
     */
    void limitFileSize(String bytes) throws IOException, InterruptedException;
}
