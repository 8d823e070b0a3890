package io.meridian.gateway.internal.ads;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Response bytes that were handed to the transport and not yet taken by the clients, over all streams. A storm of connecting proxies is let
 * in by what it has on the way, not by a rate. Thread-safe.
 */
final class BytesBudget {
    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    BytesBudget(long limit) {
        this.limit = limit;
    }

    /** One response may overdraw it; so a response larger than the whole budget goes out alone. */
    boolean hasRoom() {
        return used.get() < limit;
    }

    void take(long bytes) {
        used.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        if (bytes == 0) {
            return;
        }
        used.addAndGet(-bytes);
        wakeWhileRoom();
    }

    /** Calls {@code again} once, as soon as there may be room; from any thread. */
    void await(Runnable again) {
        waiting.add(again);
        wakeWhileRoom();
    }

    private void wakeWhileRoom() {
        while (hasRoom()) {
            Runnable next = waiting.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
    }

    long used() {
        return used.get();
    }
}
