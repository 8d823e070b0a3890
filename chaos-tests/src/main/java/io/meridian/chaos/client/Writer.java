package io.meridian.chaos.client;

import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Line;
import io.meridian.chaos.history.History.Step;
import io.meridian.chaos.history.Position;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Writes one value after the other, each to a random key of its mesh through a random region. What is not answered with a yes or a no is
 * asked again with the same request id, through the same or another region, until it is or the time for it is over. Some writes are
 * conditional on the log's head being where the client last knew it.
 */
public final class Writer extends Loop {
    private static final int KEYS = 8;
    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    /** Well within the 4,096 commands that a mesh remembers, at the rates that a run writes with. */
    private static final Duration OPERATION = Duration.ofSeconds(20);

    private static final double CONDITIONAL = 0.15;
    private static final double THROUGH_ANOTHER_REGION = 0.3;

    private final Context context;
    private final String mesh;
    private final Random random;
    private final Duration pause;
    private int process;

    public Writer(Context context, String mesh, long seed, Duration pause) {
        super("writer-" + seed);
        this.context = context;
        this.mesh = mesh;
        this.random = new Random(seed);
        this.pause = pause;
        process = context.processes().getAndIncrement();
    }

    /** @param id the request id */
    private record Write(
            String f,
            String mesh,
            String key,
            long value,
            String id,
            @Nullable Position expected) {}

    @Override
    Duration step() throws InterruptedException {
        long value = context.values().getAndIncrement();
        Position expected = random.nextDouble() < CONDITIONAL ? context.known().newest(mesh) : null;
        Write write = new Write(
                expected == null ? "write" : "cas",
                mesh,
                "k" + random.nextInt(KEYS),
                value,
                process + "-" + value,
                expected);
        perform(write);
        return pause;
    }

    private void perform(Write write) throws InterruptedException {
        RegionClient region = context.anyRegion(random);
        line(Step.INVOKE, write)
                .with(Field.REGION, region.name())
                .with(Field.EXPECTED, write.expected())
                .write();
        long deadline = System.nanoTime() + OPERATION.toNanos();
        boolean mayHaveRun = false;
        String error = "";
        int attempts = 0;
        while (attempts == 0 || System.nanoTime() < deadline) {
            attempts++;
            try {
                WriteResponse response =
                        region.write(write.mesh(), write.key(), write.value(), write.id(), write.expected(), ATTEMPT);
                Position position = RegionClient.position(response.getPosition());
                context.known().learn(write.mesh(), position);
                line(Step.OK, write)
                        .with(Field.POSITION, position)
                        .with(Field.REPLAYED, response.getReplayed())
                        .with(Field.REGION, region.name())
                        .with(Field.ATTEMPTS, attempts)
                        .write();
                return;
            } catch (StatusRuntimeException e) {
                Failure failure = Failure.of(e);
                error = failure.reason();
                mayHaveRun |= failure.meaning() == Failure.Meaning.UNKNOWN;
                if (failure.meaning() == Failure.Meaning.REFUSED) {
                    break;
                }
            }
            pause(Duration.ofMillis(50 + random.nextInt(150)));
            if (random.nextDouble() < THROUGH_ANOTHER_REGION) {
                region = context.anyRegion(random);
            }
            region.reconnect();
        }
        line(mayHaveRun ? Step.INFO : Step.FAIL, write)
                .with(Field.ERROR, error)
                .with(Field.ATTEMPTS, attempts)
                .write();
        if (mayHaveRun) {
            // It may take effect at any later time: as for Jepsen, this process never ends it, and the client goes on
            // as another.
            process = context.processes().getAndIncrement();
        }
    }

    private Line line(Step type, Write write) {
        return context.history()
                .line(process, type, write.f())
                .with(Field.MESH, write.mesh())
                .with(Field.KEY, write.key())
                .with(Field.VALUE, write.value())
                .with(Field.ID, write.id());
    }
}
