package io.meridian.core.internal;

import io.meridian.model.log.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who waits until other regions hold his write: the SYNC(k) durability of a mesh. No Pekko, no clock; owned by one mesh's entity.
 *
 * <p>An acknowledgement counts only if its hash is the log's: the caller has checked that.
 */
final class SyncWaiters {
    /**
     * @param seq what must be held
     * @param replicas by how many other regions
     * @param deadlineNanos of {@link System#nanoTime}
     */
    record Waiter(long seq, int replicas, long deadlineNanos, Runnable held, Consumer<String> expired) {}

    private final Map<String, Long> heldSeq = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();

    int size() {
        return waiters.size();
    }

    /** Whether {@code replicas} regions hold {@code seq}. */
    boolean isHeld(long seq, int replicas) {
        return heldSeq.values().stream().filter(held -> held >= seq).count() >= replicas;
    }

    void add(Waiter waiter) {
        if (isHeld(waiter.seq(), waiter.replicas())) {
            waiter.held().run();
        } else {
            waiters.add(waiter);
        }
    }

    void acknowledged(String region, Head head) {
        heldSeq.merge(region, head.position().seq(), Math::max);
        waiters.removeIf(waiter -> {
            boolean held = isHeld(waiter.seq(), waiter.replicas());
            if (held) {
                waiter.held().run();
            }
            return held;
        });
    }

    /** Gives up those whose time has passed. */
    void expire(long nowNanos) {
        waiters.removeIf(waiter -> {
            boolean expired = nowNanos - waiter.deadlineNanos() >= 0;
            if (expired) {
                waiter.expired()
                        .accept("its deadline passed before " + waiter.replicas()
                                + " other region(s) acknowledged it; acknowledged so far: " + heldSeq);
            }
            return expired;
        });
    }

    void giveUp(String reason) {
        waiters.forEach(waiter -> waiter.expired().accept(reason));
        waiters.clear();
    }
}
