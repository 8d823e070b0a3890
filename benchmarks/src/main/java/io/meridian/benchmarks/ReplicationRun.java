package io.meridian.benchmarks;

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
        String mesh = "lag";
        try (Admin at = new Admin(home);
                Admin other = new Admin(replica);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            at.createMesh(mesh, 0);
            Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
            Map<Long, Long> arrived = new ConcurrentHashMap<>();
            awaitMesh(other, mesh);
            executor.execute(() -> {
                var events = HistoryServiceGrpc.newBlockingStub(other.channel())
                        .watchEvents(WatchEventsRequest.newBuilder()
                                .setParent("meshes/" + mesh)
                                .build());
                while (events.hasNext()) {
                    arrived.put(events.next().getPosition().getSeq(), System.nanoTime());
                }
            });
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
            Figures lag = new Figures();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            long warm = (long) rate * warmUpSeconds;
            while (System.nanoTime() < deadline && !arrived.keySet().containsAll(acknowledged.keySet())) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            acknowledged.forEach((seq, time) -> {
                Long there = arrived.get(seq);
                if (there != null && seq > warm) {
                    lag.add(Math.max(0, there - time));
                }
            });
            System.out.printf(
                    Locale.ROOT, "replication rate=%d/s acknowledged=%d lag %s%n", rate, acknowledged.size(), lag);
            other.channel().shutdownNow();
        }
        return 0;
    }

    private static void awaitMesh(Admin region, String mesh) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                io.meridian.api.admin.v1.MeshServiceGrpc.newBlockingStub(region.channel())
                        .getMesh(io.meridian.api.admin.v1.GetMeshRequest.newBuilder()
                                .setName("meshes/" + mesh)
                                .build());
                return;
            } catch (io.grpc.StatusRuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }
}
