package io.meridian.chaos.client;

import io.grpc.StatusRuntimeException;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Line;
import io.meridian.chaos.history.History.Step;
import io.meridian.chaos.history.Position;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads all keys of a random mesh in a random region. Most reads demand the newest position that any client knows: they see every write
 * that was acknowledged before them, and are what a linearizability checker can use. Others demand an older position, or none.
 */
public final class Reader extends Loop {
    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(300);
    private static final double FRESH = 0.7;
    private static final double OLDER = 0.2;

    private final Context context;
    private final Random random;
    private final Duration pause;
    private final int process;

    public Reader(Context context, long seed, Duration pause) {
        super("reader-" + seed);
        this.context = context;
        this.random = new Random(seed);
        this.pause = pause;
        process = context.processes().getAndIncrement();
    }

    @Override
    Duration step() {
        String mesh = context.anyMesh(random);
        RegionClient region = context.anyRegion(random);
        double kind = random.nextDouble();
        boolean fresh = kind < FRESH;
        AtomicReference<@Nullable Position> asked = new AtomicReference<>();
        if (fresh) {
            context.known().callWithNewest(mesh, newest -> {
                asked.set(newest);
                called(mesh, region, newest, newest != null);
            });
        } else {
            asked.set(kind < FRESH + OLDER ? context.known().any(mesh, random) : null);
            called(mesh, region, asked.get(), false);
        }
        Position demanded = asked.get();
        try {
            RegionClient.Snapshot read = region.read(mesh, demanded, DEADLINE);
            context.known().learn(mesh, read.position());
            line(Step.OK, mesh, region)
                    .with(Field.POSITION, read.position())
                    .with(Field.VALUE, read.values())
                    .write();
        } catch (StatusRuntimeException e) {
            failed(mesh, region, demanded, Failure.of(e).reason());
            return AFTER_FAILURE;
        }
        return pause;
    }

    private void called(String mesh, RegionClient region, @Nullable Position demanded, boolean fresh) {
        line(Step.INVOKE, mesh, region)
                .with(Field.DEMANDED, demanded)
                .with(Field.FRESH, fresh)
                .write();
    }

    private void failed(String mesh, RegionClient region, @Nullable Position demanded, String reason) {
        if (reason.equals(Failure.ROLLED_BACK) && demanded != null) {
            context.known().rolledBack(mesh, demanded);
        }
        // A read that was not answered has no effect: that it failed is certain.
        line(Step.FAIL, mesh, region).with(Field.ERROR, reason).write();
        region.reconnect();
    }

    private Line line(Step type, String mesh, RegionClient region) {
        return context.history()
                .line(process, type, "read")
                .with(Field.MESH, mesh)
                .with(Field.REGION, region.name());
    }
}
