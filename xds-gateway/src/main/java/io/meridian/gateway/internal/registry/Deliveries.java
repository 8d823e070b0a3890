package io.meridian.gateway.internal.registry;

import java.util.ArrayList;
import java.util.List;

/**
 * Streams of one loop that were sent something, acknowledged it, and stand as the registry believes: what they got is still to be reported.
 * Each is in here once, however much that is, and no longer than it is open. Thread-safe; each loop has its own, so that none waits for
 * another.
 */
public final class Deliveries {
    private final Runnable listener;
    // Guarded by this.
    private List<ProxyConnection> streams = new ArrayList<>();

    /** {@code listener}: is called when the first is added; must not block. */
    Deliveries(Runnable listener) {
        this.listener = listener;
    }

    /** If it has something to report. */
    public void add(ProxyConnection stream) {
        SentResponses sent = stream.sent();
        if (!sent.hasUnreported()) {
            return;
        }
        synchronized (this) {
            if (sent.place != SentResponses.NOWHERE) {
                return;
            }
            sent.place = streams.size();
            streams.add(stream);
            if (sent.place != 0) {
                return;
            }
        }
        listener.run();
    }

    /** The stream ended; the last takes its place. */
    public synchronized void remove(ProxyConnection stream) {
        int place = stream.sent().place;
        if (place == SentResponses.NOWHERE) {
            return;
        }
        stream.sent().place = SentResponses.NOWHERE;
        ProxyConnection last = streams.removeLast();
        if (place < streams.size()) {
            streams.set(place, last);
            last.sent().place = place;
        }
    }

    /** All of them; whoever is added from now on is for the next call. */
    synchronized List<ProxyConnection> take() {
        List<ProxyConnection> taken = streams;
        streams = new ArrayList<>();
        taken.forEach(stream -> stream.sent().place = SentResponses.NOWHERE);
        return taken;
    }
}
