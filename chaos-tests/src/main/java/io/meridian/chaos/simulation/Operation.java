package io.meridian.chaos.simulation;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One command of a client, who tries it again under the same id, at whichever region, until he knows what became of it or gives up. */
final class Operation {
    private static final long TIMEOUT_MILLIS = 4_000;

    private final World world;
    private final CommandRequest request;
    private final SplittableRandom random;
    private final int mostAttempts;
    private final long invokedMillis;
    private int attempts;
    private boolean maybeExecuted;
    private boolean done;
    private boolean judged;
    private long answeredMillis;
    private @Nullable Position position;
    private boolean unchanged;

    Operation(World world, CommandRequest request, SplittableRandom random, int mostAttempts) {
        this.world = world;
        this.request = request;
        this.random = random;
        this.mostAttempts = mostAttempts;
        invokedMillis = world.nowMillis();
    }

    String id() {
        return request.commandId();
    }

    long invokedMillis() {
        return invokedMillis;
    }

    long answeredMillis() {
        return answeredMillis;
    }

    /** Of the write; null if it is not acknowledged. */
    @Nullable
    Position position() {
        return position;
    }

    /** Whether it was accepted and wrote nothing. */
    boolean unchanged() {
        return unchanged;
    }

    /** Whether the client was told each time that it was certainly not executed. */
    boolean certainlyAbsent() {
        return done && position == null && !maybeExecuted;
    }

    boolean done() {
        return done;
    }

    /** Whether a home accepted or refused it. */
    boolean judged() {
        return judged;
    }

    void attempt(int place) {
        attempts++;
        Region region = world.member(place);
        if (!region.isUp()) {
            again(false);
            return;
        }
        boolean[] heard = new boolean[1];
        world.scheduler()
                .in(
                        1,
                        () -> region.run(
                                region.life(),
                                () -> region.execute(
                                        request,
                                        Epoch.NONE,
                                        TIMEOUT_MILLIS - 500,
                                        outcome -> world.scheduler().in(1, () -> {
                                            if (!heard[0]) {
                                                heard[0] = true;
                                                answered(outcome);
                                            }
                                        }))));
        world.scheduler().in(TIMEOUT_MILLIS, () -> {
            if (!heard[0]) {
                heard[0] = true;
                answered(new CommandOutcome.Unknown(id(), "the client waited long enough"));
            }
        });
    }

    private void answered(CommandOutcome outcome) {
        world.trace(() -> "client of " + id() + " hears " + outcome);
        switch (outcome) {
            case CommandOutcome.Accepted accepted -> {
                done = true;
                judged = true;
                answeredMillis = world.nowMillis();
                position = accepted.position();
                unchanged = accepted.unchanged();
                world.acknowledged(this);
            }
            case CommandOutcome.Rejected rejected -> {
                done = true;
                judged = true;
            }
            case CommandOutcome.Unavailable(var why, Duration retryAfter) -> again(false);
            case CommandOutcome.Unknown unknown -> again(true);
        }
    }

    private void again(boolean unknown) {
        maybeExecuted |= unknown;
        if (attempts >= mostAttempts) {
            done = true;
            return;
        }
        world.scheduler().in(random.nextLong(100, 1_500), () -> attempt(random.nextInt(world.regions())));
    }
}
