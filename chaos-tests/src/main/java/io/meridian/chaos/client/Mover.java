package io.meridian.chaos.client;

import io.grpc.StatusRuntimeException;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Line;
import io.meridian.chaos.history.History.Step;
import io.meridian.chaos.history.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Moves the homes of meshes: planned handovers, and, if it may, forced failovers, sometimes two at once to different regions. It asks at
 * any time, whether it would be wise or not.
 */
public final class Mover extends Loop {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(4);
    private static final int MORE_PAUSE_MILLIS = 8000;
    private static final double FORCED = 0.4;
    private static final double TWO_AT_ONCE = 0.4;

    private final Context context;
    private final Random random;
    private final boolean mayForce;
    private int moves;

    public Mover(Context context, long seed, boolean mayForce) {
        super("mover");
        this.context = context;
        this.random = new Random(seed);
        this.mayForce = mayForce;
    }

    private record Move(int process, boolean forced, String mesh, String to, String id, RegionClient through) {}

    @Override
    Duration step() throws InterruptedException {
        String mesh = context.anyMesh(random);
        boolean forced = mayForce && random.nextDouble() < FORCED;
        List<Move> now = new ArrayList<>(List.of(move(mesh, forced)));
        if (forced && random.nextDouble() < TWO_AT_ONCE) {
            now.add(move(mesh, true));
        }
        AtomicBoolean moved = new AtomicBoolean();
        List<Thread> threads = now.stream()
                .map(move -> Thread.ofVirtual().start(() -> {
                    if (perform(move)) {
                        moved.set(true);
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        return moved.get() ? SHORTEST_PAUSE.plusMillis(random.nextInt(MORE_PAUSE_MILLIS)) : PAUSE_AFTER_FAILURE;
    }

    private Move move(String mesh, boolean forced) {
        // A process of its own for each: two may be under way, and their ends may stay unknown.
        return new Move(
                context.processes().getAndIncrement(),
                forced,
                mesh,
                context.anyRegion(random).name(),
                "move-" + moves++,
                context.anyRegion(random));
    }

    private boolean perform(Move move) {
        line(Step.INVOKE, move).write();
        try {
            Position position = move.through().move(move.forced(), move.mesh(), move.to(), move.id(), DEADLINE);
            line(Step.OK, move).with(Field.POSITION, position).write();
            return true;
        } catch (StatusRuntimeException e) {
            Failure failure = Failure.of(e);
            line(failure.meaning() == Failure.Meaning.UNKNOWN ? Step.INFO : Step.FAIL, move)
                    .with(Field.ERROR, failure.reason())
                    .write();
            move.through().reconnect();
            return false;
        }
    }

    private Line line(Step type, Move move) {
        return context.history()
                .line(move.process(), type, move.forced() ? "failover" : "handover")
                .with(Field.MESH, move.mesh())
                .with(Field.TO, move.to())
                .with(Field.ID, move.id())
                .with(Field.REGION, move.through().name());
    }
}
