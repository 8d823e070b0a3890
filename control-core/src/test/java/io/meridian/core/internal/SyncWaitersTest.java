package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncWaitersTest {
    private final SyncWaiters waiters = new SyncWaiters();
    private final List<String> told = new ArrayList<>();

    @Test
    void aWriteIsHeldOnceSoManyRegionsHaveItsSeqOrALaterOne() {
        add("w", 5, 2);

        acknowledged("us-1", 5);
        acknowledged("us-1", 6);
        acknowledged("ap-1", 4);
        assertThat(told).isEmpty();
        acknowledged("ap-1", 9);

        assertThat(told).containsExactly("w held");
        assertThat(waiters.size()).isZero();
    }

    @Test
    void whatIsHeldAlreadyDoesNotWait() {
        acknowledged("us-1", 7);

        add("w", 7, 1);

        assertThat(told).containsExactly("w held");
    }

    @Test
    void anAcknowledgementNeverGoesBack() {
        acknowledged("us-1", 7);
        acknowledged("us-1", 3);

        assertThat(waiters.isHeld(7, 1)).isTrue();
    }

    @Test
    void aDeadlinePassesOnce() {
        add("w", 5, 1);

        waiters.expire(99);
        assertThat(told).isEmpty();
        waiters.expire(100);
        waiters.expire(101);
        acknowledged("us-1", 5);

        assertThat(told).hasSize(1);
        assertThat(told.getFirst()).startsWith("w its deadline passed before 1 other region(s)");
    }

    private void add(String name, long seq, int replicas) {
        waiters.add(new SyncWaiters.Waiter(
                seq, replicas, 100, () -> told.add(name + " held"), why -> told.add(name + " " + why)));
    }

    private void acknowledged(String region, long seq) {
        waiters.acknowledged(region, new Head(new Position(new MeshId("m"), new Epoch(1), seq), Hash.ZERO));
    }
}
