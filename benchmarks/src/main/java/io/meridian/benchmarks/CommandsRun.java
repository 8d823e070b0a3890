package io.meridian.benchmarks;

import io.meridian.api.admin.v1.ResourceServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Acknowledged commands per second and their latency: closed loop, each client waits for its answer. */
@Command(name = "commands", description = "commands per second and latency, for one mesh or many")
final class CommandsRun implements Callable<Integer> {
    @Option(names = "--server", required = true, description = "admin address")
    private String server = "";

    @Option(names = "--pid", required = true, description = "the region's process")
    private long pid;

    @Option(names = "--meshes", defaultValue = "1")
    private int meshes;

    @Option(names = "--clients", defaultValue = "1", description = "concurrent clients, spread over the meshes")
    private int clients;

    @Option(names = "--seconds", defaultValue = "10")
    private int seconds;

    @Option(names = "--warm-up-seconds", defaultValue = "5")
    private int warmUpSeconds;

    @Option(names = "--sync-replicas", defaultValue = "0")
    private int syncReplicas;

    @Override
    public Integer call() throws Exception {
        try (Admin admin = new Admin(server);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            String prefix = "cmd-" + meshes + "-" + syncReplicas + "-";
            for (int i = 0; i < meshes; i++) {
                admin.createMesh(prefix + i, syncReplicas);
            }
            load(admin, executor, prefix, warmUpSeconds);
            ProcessFigures before = ProcessFigures.of(pid);
            long start = System.nanoTime();
            Figures figures = load(admin, executor, prefix, seconds);
            double elapsed = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "commands meshes=%d clients=%d sync=%d rate=%.0f/s %s server %s%n",
                    meshes,
                    clients,
                    syncReplicas,
                    figures.count() / elapsed,
                    figures,
                    ProcessFigures.of(pid).since(before));
        }
        return 0;
    }

    private Figures load(Admin admin, ExecutorService executor, String prefix, int forSeconds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(forSeconds);
        List<Future<Figures>> running = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            int number = client;
            running.add(executor.submit(() -> client(admin, prefix + number % meshes, number, end)));
        }
        Figures all = new Figures();
        for (Future<Figures> one : running) {
            all.addAll(one.get());
        }
        return all;
    }

    private static Figures client(Admin admin, String mesh, int number, long end) {
        Figures figures = new Figures();
        for (int i = 0; System.nanoTime() < end; i++) {
            String manifest = Workload.unseenVirtualService("default", number, i % 101);
            long start = System.nanoTime();
            var answer = ResourceServiceGrpc.newBlockingStub(admin.channel())
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .applyResources(Admin.applyRequest(mesh, manifest));
            figures.add(System.nanoTime() - start);
            if (answer.getWrite().getUnchanged()) {
                throw new IllegalStateException("the command changed nothing: not what is to be measured");
            }
        }
        return figures;
    }
}
