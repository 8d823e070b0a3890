package io.meridian.chaos.simulation;

import io.meridian.model.position.RegionId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What lives, dies, stands still, and speaks to others over the network. */
abstract class Member {
    final World world;
    final int place;
    final RegionId id;
    final Clock clock;

    private final Deque<Runnable> backlog = new ArrayDeque<>();
    private boolean up;
    private int life;
    private long pausedUntilMillis;

    Member(World world, int place, RegionId id, Clock clock) {
        this.world = world;
        this.place = place;
        this.id = id;
        this.clock = clock;
    }

    /** A new life begins. */
    abstract void started();

    abstract void died();

    boolean isUp() {
        return up;
    }

    boolean isPaused() {
        return world.nowMillis() < pausedUntilMillis;
    }

    int life() {
        return life;
    }

    void start() {
        if (!up) {
            up = true;
            life++;
            pausedUntilMillis = 0;
            world.trace(() -> id + " starts, life " + life);
            started();
        }
    }

    void crash() {
        if (up) {
            world.trace(() -> id + " crashes");
            up = false;
            backlog.clear();
            died();
        }
    }

    /** Stands still; what comes meanwhile is dealt with afterwards. */
    void pause(long millis) {
        if (up) {
            world.trace(() -> id + " stands still for " + millis + " ms");
            pausedUntilMillis = Math.max(pausedUntilMillis, world.nowMillis() + millis);
            int ofLife = life;
            world.scheduler().at(pausedUntilMillis, () -> resume(ofLife));
        }
    }

    void resume() {
        pausedUntilMillis = 0;
        resume(life);
    }

    private void resume(int ofLife) {
        if (ofLife == life && up && !isPaused()) {
            for (int left = backlog.size(); left > 0 && !isPaused() && up; left--) {
                backlog.remove().run();
            }
        }
    }

    /** In this life only. */
    void run(int ofLife, Runnable action) {
        if (!up || ofLife != life) {
            return;
        }
        if (isPaused() || !backlog.isEmpty()) {
            backlog.add(() -> runNow(ofLife, action));
        } else {
            action.run();
        }
    }

    private void runNow(int ofLife, Runnable action) {
        if (up && ofLife == life) {
            action.run();
        }
    }

    void after(long millis, Runnable action) {
        int ofLife = life;
        world.scheduler().in(millis, () -> run(ofLife, action));
    }

    /** Sends something that is not answered. Runs there in whatever life it meets. */
    void tell(int to, Consumer<Region> message) {
        Region target = world.member(to);
        world.network().send(place, to, () -> target.run(target.life(), () -> message.accept(target)));
    }

    /**
     * Asks; exactly one of {@code then} and {@code failed} follows while this life lasts.
     *
     * @param ask what the target does with the question and with whom to answer
     */
    <A> void call(
            int to,
            BiConsumer<Region, Consumer<A>> ask,
            long timeoutMillis,
            Consumer<A> then,
            Consumer<String> failed) {
        int ofLife = life;
        boolean[] done = new boolean[1];
        Consumer<A> answered = answer -> run(ofLife, () -> {
            if (!done[0]) {
                done[0] = true;
                then.accept(answer);
            }
        });
        Region asked = world.member(to);
        world.network()
                .sendOnce(
                        place,
                        to,
                        () -> asked.run(
                                asked.life(),
                                () -> ask.accept(asked, answer -> asked.reply(place, () -> answered.accept(answer)))));
        after(timeoutMillis, () -> {
            if (!done[0]) {
                done[0] = true;
                failed.accept("no answer within " + timeoutMillis + " ms");
            }
        });
    }

    final void reply(int to, Runnable delivery) {
        world.network().send(place, to, delivery);
    }
}
