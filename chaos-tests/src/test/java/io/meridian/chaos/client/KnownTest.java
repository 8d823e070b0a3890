package io.meridian.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.chaos.history.Position;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class KnownTest {
    private static final String MESH = "m";

    private final Known known = new Known();

    private static Position at(long epoch, long seq) {
        return new Position(epoch, seq);
    }

    @Test
    void theNewestIsTheHighestThatAnybodyWasTold() {
        known.learn(MESH, at(65, 3));
        known.learn(MESH, at(66, 2));
        known.learn(MESH, at(65, 4));

        assertThat(known.newest(MESH)).isEqualTo(at(66, 2));
        assertThat(known.newest("another")).isNull();
    }

    @Test
    void whatWasRolledBackTakesWhatStoodBehindItAlong() {
        known.learn(MESH, at(65, 3));
        known.learn(MESH, at(66, 4));
        known.learn(MESH, at(66, 6));
        known.learn(MESH, at(65, 2));

        known.rolledBack(MESH, at(66, 4));

        assertThat(known.newest(MESH)).as("no older one that is told next").isEqualTo(at(65, 3));
    }

    @Test
    void nobodyLearnsANewerOneWhileACallIsWrittenDown() throws Exception {
        known.learn(MESH, at(65, 3));
        List<Position> order = new CopyOnWriteArrayList<>();
        Thread answered = new Thread(() -> {
            known.learn(MESH, at(65, 4));
            order.add(at(65, 4));
        });

        known.callWithNewest(MESH, newest -> {
            answered.start();
            await(answered, Thread.State.BLOCKED);
            order.add(newest);
        });
        answered.join();

        assertThat(order).containsExactly(at(65, 3), at(65, 4));
    }

    private static void await(Thread thread, Thread.State state) {
        while (thread.getState() != state && thread.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anOlderOneThatWasRolledBackLeavesTheNewest() {
        known.learn(MESH, at(65, 3));
        known.learn(MESH, at(66, 4));

        known.rolledBack(MESH, at(65, 3));

        assertThat(known.newest(MESH)).isEqualTo(at(66, 4));
    }
}
