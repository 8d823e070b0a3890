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
            Figures lag = lag(at, other, "lag", rate, warmUpSeconds, seconds);
            System.out.printf(Locale.ROOT, "replication rate=%d/s lag %s%n", rate, lag);
        }
        return 0;
    }

    /**
     * Of the events of a mesh that is made for it, at the region that is asked.
     *
     * @param rate commands per second
     * @param warmUpSeconds not counted
     */
    static Figures lag(Admin at, Admin other, String mesh, int rate, int warmUpSeconds, int seconds)
            throws InterruptedException {
        at.createMesh(mesh, 0);
        Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
        Map<Long, Long> arrived = new ConcurrentHashMap<>();
        Await.answered("the mesh is known at the replica", () -> other.mesh(mesh));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                var watch = Context.current().withCancellation()) {
            executor.execute(watch.wrap(() -> watch(other, mesh, arrived)));
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
                    () -> acknowledged.size() == total && arrived.keySet().containsAll(acknowledged.keySet()));
        }
        Figures lag = new Figures();
        long warm = (long) rate * warmUpSeconds;
        acknowledged.forEach((seq, time) -> {
            Long there = arrived.get(seq);
            if (there != null && seq > warm) {
                lag.add(Math.max(0, there - time));
            }
        });
        return lag;
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
