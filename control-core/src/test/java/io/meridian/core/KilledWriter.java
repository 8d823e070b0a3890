package io.meridian.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.MeshId;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A process that writes without end and says what was acknowledged, until somebody kills it. Prints {@code ready}, then per acknowledged command a
 * line {@code MESH COMMAND-ID EPOCH.SEQ}, per other answer a line {@code not accepted: ...}. Arguments: data directory, number of the round, meshes, settings of the journal.
 */
final class KilledWriter {
    /** Commands under way at once: enough that every kill meets some. */
    private static final int CONCURRENCY = 64;

    private KilledWriter() {}

    /** {@code settings}: of any key. What it prints is to be read without a break. */
    static Process start(Path data, int round, int meshes, Config settings) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        KilledWriter.class.getName(),
                        data.toString(),
                        Integer.toString(round),
                        Integer.toString(meshes),
                        settings.root().render(ConfigRenderOptions.concise()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        TestRegion region = TestRegion.start(
                TestRegion.EU,
                Path.of(arguments[0]),
                new FakePeers(),
                List.of(),
                ConfigFactory.parseString(arguments[3]));
        String round = arguments[1];
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
        int meshes = Integer.parseInt(arguments[2]);
        for (int i = 0; i < meshes; i++) {
            MeshId mesh = new MeshId("mesh-" + i);
            if (region.latest(mesh).head().isEmpty()) {
                region.create(mesh);
            }
        }
        say(out, "ready");
        Semaphore permits = new Semaphore(CONCURRENCY);
        for (long i = 0; ; i++) {
            permits.acquire();
            MeshId mesh = new MeshId("mesh-" + i % meshes);
            CommandRequest request =
                    region.request(mesh, "round-" + round + "-" + i, TestRegion.label(round + "-" + i));
            region.core().commands().execute(request, TestRegion.TIMEOUT).whenComplete((outcome, failure) -> {
                if (outcome instanceof CommandOutcome.Accepted accepted) {
                    say(out, mesh + " " + request.commandId() + " " + accepted.position());
                } else {
                    say(out, "not accepted: " + outcome + " " + failure);
                }
                permits.release();
            });
        }
    }

    /** Whole lines, written through at once: what is printed was acknowledged before. */
    private static synchronized void say(PrintStream out, String line) {
        out.println(line);
        out.flush();
    }
}
