package io.meridian.benchmarks;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.WatchEventsRequest;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the acknowledgement of a write at the home to its visibility in another region's history, at a steady rate. */
@Command(name = "replication", description = "replication lag under load")
final class ReplicationRun implements Callable<Integer> {
    @Option(names = "--home", required = true, description = "admin address of the home")
    private String home = "";

    @Option(names = "--replica", required = true, description = "admin address of another region")
    private String replica = "";

    @Option(names = "--rate", defaultValue = "200", description = "commands per second")
    private int rate;

    @Option(names = "--seconds", defaultValue = "20")
    private int seconds;

    @Option(
            names = "--warm-up-seconds",
            defaultValue = "20",
            description = "before those, at the same rate, not counted")
    private int warmUpSeconds;

    @Override
    public Integer call() throws Exception {
        try (Admin at = new Admin(home);
                Admin other = new Admin(replica)) {
            Lag lag = lag(at, other, "lag", rate, warmUpSeconds, seconds);
            System.out.printf(
                    Locale.ROOT,
                    "replication rate=%d/s lag %s from commit %s%n",
                    rate,
                    lag.fromAcknowledgement(),
                    lag.fromCommit());
        }
        return 0;
    }

    /**
     * Until an event is in a watch of the history at the replica.
     *
     * @param fromAcknowledgement by the home to the client; 0 where that came later
     * @param fromCommit when a watch of the history at the home had it; 0 where that came later
     */
    record Lag(Figures fromAcknowledgement, Figures fromCommit) {}

    /**
     * Of the events of a mesh that is made for it, at the region that is asked.
     *
     * @param rate commands per second
     * @param warmUpSeconds not counted
     */
    static Lag lag(Admin at, Admin other, String mesh, int rate, int warmUpSeconds, int seconds) {
        at.createMesh(mesh, 0);
        Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
        Map<Long, Long> committed = new ConcurrentHashMap<>();
        Map<Long, Long> arrived = new ConcurrentHashMap<>();
        Await.answered("the mesh is known at the replica", () -> other.mesh(mesh));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                var watches = Context.current().withCancellation()) {
            executor.execute(watches.wrap(() -> watch(at, mesh, committed)));
            executor.execute(watches.wrap(() -> watch(other, mesh, arrived)));
            long period = TimeUnit.SECONDS.toNanos(1) / rate;
            long next = System.nanoTime();
            int total = rate * (warmUpSeconds + seconds);
            for (int i = 0; i < total; i++) {
                int number = i;
                executor.execute(() -> {
                    long seq = at.apply(mesh, Workload.virtualService("default", number % 50, number % 101))
                            .getSeq();
                    acknowledged.put(seq, System.nanoTime());
                });
                next += period;
                LockSupport.parkNanos(next - System.nanoTime());
            }
            Await.until(
                    "all events are at the replica",
                    () -> acknowledged.size() == total
                            && committed.keySet().containsAll(acknowledged.keySet())
                            && arrived.keySet().containsAll(acknowledged.keySet()));
        }
        long warm = (long) rate * warmUpSeconds;
        return new Lag(between(acknowledged, arrived, warm), between(committed, arrived, warm));
    }

    /** For each seq behind {@code warm}. */
    private static Figures between(Map<Long, Long> from, Map<Long, Long> to, long warm) {
        Figures figures = new Figures();
        from.forEach((seq, time) -> {
            Long there = to.get(seq);
            if (there != null && seq > warm) {
                figures.add(Math.max(0, there - time));
            }
        });
        return figures;
    }

    /** Until it is cancelled. */
    private static void watch(Admin region, String mesh, Map<Long, Long> arrived) {
        try {
            HistoryServiceGrpc.newBlockingStub(region.channel())
                    .watchEvents(WatchEventsRequest.newBuilder()
                            .setParent("meshes/" + mesh)
                            .build())
                    .forEachRemaining(event -> arrived.put(event.getPosition().getSeq(), System.nanoTime()));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.CANCELLED) {
                throw e;
            }
        }
    }
}
