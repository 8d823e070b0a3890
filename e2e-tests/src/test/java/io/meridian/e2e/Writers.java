package io.meridian.e2e;

import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that write to a mesh until they are told to stop, each through a region of its own, one write at a time. A write whose region is down or
 * whose outcome is not known is tried again with the same request id until it is acknowledged, or until the stop.
 */
final class Writers implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final Duration STOP = Duration.ofSeconds(30);

    private final String mesh;
    private final Map<String, Position> acknowledged = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<String> failure = new AtomicReference<>("");
    private final AtomicInteger repeated = new AtomicInteger();
    private final AtomicInteger recognised = new AtomicInteger();
    private volatile boolean stop;

    Writers(String mesh) {
        this.mesh = mesh;
    }

    /** One more client, whose request ids begin with {@code name}. */
    Writers with(String name, AdminApi region) {
        threads.add(Thread.ofVirtual().start(() -> {
            for (int i = 0; !stop; i++) {
                write(region, name + "-" + i);
            }
        }));
        return this;
    }

    private void write(AdminApi region, String requestId) {
        while (!stop) {
            try {
                WriteResponse response = region.write(mesh, requestId, DEADLINE);
                if (response.getReplayed()) {
                    recognised.incrementAndGet();
                }
                acknowledged.put(requestId, response.getPosition());
                return;
            } catch (StatusRuntimeException e) {
                switch (e.getStatus().getCode()) {
                    case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> repeated.incrementAndGet();
                    default -> failure.compareAndSet("", requestId + ": " + e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
                region.reconnect();
            }
        }
    }

    int count() {
        return acknowledged.size();
    }

    /** Until there are {@code more} acknowledged writes than now. */
    void await(int more, Duration limit) {
        int until = count() + more;
        Await.until(
                () -> more + " more writes; there are " + (until - count()) + " to go " + failure.get(),
                limit,
                () -> count() >= until);
    }

    /** Of all writes with this beginning of their id. */
    long count(String name) {
        return acknowledged.keySet().stream()
                .filter(id -> id.startsWith(name + "-"))
                .count();
    }

    /** Attempts that had to be repeated. */
    int repeated() {
        return repeated.get();
    }

    /** Repeated attempts that the home knew already. */
    int recognised() {
        return recognised.get();
    }

    /** Ends the clients; what they were told is acknowledged, by request id. */
    Map<String, Position> stop() {
        close();
        String unexpected = failure.get();
        if (!"".equals(unexpected)) {
            throw new AssertionError("a write ended with what is no answer to a fault: " + unexpected);
        }
        return Map.copyOf(acknowledged);
    }

    /** A copy of what is acknowledged now. */
    Map<String, Position> acknowledged() {
        return Map.copyOf(acknowledged);
    }

    @Override
    public void close() {
        stop = true;
        try {
            for (Thread thread : threads) {
                if (!thread.join(STOP)) {
                    throw new AssertionError("a client did not end within " + STOP);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
