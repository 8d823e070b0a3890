package io.meridian.benchmarks;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.type.v1.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Clients that change a mesh at a steady rate, one for each region, each one change after the other. What is not acknowledged is asked for again
 * under the same request id, at the region that comes next, until it is. Thread-safe.
 */
final class RetryingWriters implements AutoCloseable {
    private static final Duration ATTEMPT = Duration.ofSeconds(2);
    private static final long BETWEEN_ATTEMPTS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int OBJECTS = 20;
    private static final int WEIGHTS = 101;
    private static final Set<Status.Code> WORTH_ANOTHER =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED, Status.Code.UNKNOWN);

    /** @param nanos System.nanoTime at the client */
    private record Acknowledged(long nanos, String requestId, Position position) {}

    private final List<Admin> regions;
    private final String mesh;
    private final long periodNanos;
    private final List<Thread> threads = new ArrayList<>();
    /** In the order of their times; guarded by itself. */
    private final List<Acknowledged> acknowledged = new ArrayList<>();

    private volatile boolean stop;
    private volatile @Nullable RuntimeException failure;

    /** {@code rate}: changes per second, of all clients together. */
    RetryingWriters(List<Admin> regions, String mesh, int rate) {
        this.regions = List.copyOf(regions);
        this.mesh = mesh;
        periodNanos = TimeUnit.SECONDS.toNanos(regions.size()) / rate;
        for (int i = 0; i < regions.size(); i++) {
            int client = i;
            threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> run(client)));
        }
    }

    private void run(int client) {
        int region = client;
        long due = System.nanoTime();
        try {
            for (int i = 0; !stop; i++) {
                LockSupport.parkNanos(due - System.nanoTime());
                String manifest = Workload.virtualService("default", client * OBJECTS + i % OBJECTS, i % WEIGHTS);
                region = write(region, manifest, "client-" + client + "-" + i);
                due = Math.max(due + periodNanos, System.nanoTime());
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** The region that acknowledged it. */
    private int write(int first, String manifest, String requestId) {
        int region = first;
        while (true) {
            Admin admin = regions.get(region);
            try {
                Position position = admin.write(mesh, manifest, requestId, ATTEMPT);
                synchronized (acknowledged) {
                    acknowledged.add(new Acknowledged(System.nanoTime(), requestId, position));
                }
                return region;
            } catch (StatusRuntimeException e) {
                if (!WORTH_ANOTHER.contains(e.getStatus().getCode())) {
                    throw e;
                }
                region = (region + 1) % regions.size();
                LockSupport.parkNanos(BETWEEN_ATTEMPTS_NANOS);
                regions.get(region).reconnect();
            }
        }
    }

    private List<Acknowledged> soFar() {
        RuntimeException failed = failure;
        if (failed != null) {
            throw new IllegalStateException("a write ended with what is no answer to a fault", failed);
        }
        synchronized (acknowledged) {
            return List.copyOf(acknowledged);
        }
    }

    /** Until there are so many more. */
    void await(int more) {
        int until = soFar().size() + more;
        Await.until(more + " more writes", () -> soFar().size() >= until);
    }

    /** Waits for the first acknowledgement in a later epoch; its System.nanoTime. */
    long awaitLaterThan(long epoch) {
        Await.until("a write in an epoch after " + epoch, () -> firstLaterThan(epoch) != null);
        Acknowledged first = firstLaterThan(epoch);
        return first == null ? 0 : first.nanos();
    }

    private @Nullable Acknowledged firstLaterThan(long epoch) {
        return soFar().stream()
                .filter(one -> one.position().getEpoch() > epoch)
                .findFirst()
                .orElse(null);
    }

    /** The longest time between two acknowledgements, one after the other, of which a part lies in that time. */
    long longestGapNanos(long fromNanos, long toNanos) {
        List<Acknowledged> all = soFar();
        long longest = 0;
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).nanos() >= fromNanos && all.get(i - 1).nanos() <= toNanos) {
                longest = Math.max(longest, all.get(i).nanos() - all.get(i - 1).nanos());
            }
        }
        return longest;
    }

    /** Request ids so far. */
    Set<String> acknowledged() {
        return soFar().stream().map(Acknowledged::requestId).collect(Collectors.toSet());
    }

    /** Ends them, each with its last change acknowledged; all request ids. */
    Set<String> stop() {
        close();
        return acknowledged();
    }

    @Override
    public void close() {
        stop = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
