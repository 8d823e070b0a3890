package io.meridian.benchmarks;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many ADS clients on one gateway: first connects, one endpoint, one VirtualService, an edit that touches nobody, reconnects. */
@Command(name = "xds", description = "many ADS clients: latency to the last client, CPU, bytes, memory")
final class XdsRun implements Callable<Integer> {
    private static final int CLIENT_THREADS = 2;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final String MESH = "xds";
    private static final String CLUSTER = "k8s-1";
    private static final String ELSEWHERE = "elsewhere";

    @Option(names = "--server", required = true, description = "admin address")
    private String server = "";

    @Option(names = "--xds", required = true, description = "xDS address")
    private String xds = "";

    @Option(names = "--pid", required = true, description = "the process that serves it")
    private long pid;

    @Option(names = "--clients", defaultValue = "1000")
    private int clients;

    @Option(names = "--services", defaultValue = "500")
    private int services;

    @Option(names = "--endpoints", defaultValue = "5")
    private int endpoints;

    @Option(names = "--virtual-services", defaultValue = "50")
    private int virtualServices;

    @Option(names = "--rounds", defaultValue = "5")
    private int rounds;

    private final AtomicLong bytes = new AtomicLong();
    private final Set<XdsClient> satisfied = ConcurrentHashMap.newKeySet();
    private final AtomicLong lastNanos = new AtomicLong();
    private volatile BiPredicate<String, Set<String>> wanted = (type, names) -> false;

    @Override
    public Integer call() throws Exception {
        try (Admin admin = new Admin(server)) {
            admin.createMesh(MESH, 0);
            admin.addCluster(MESH, CLUSTER);
            admin.createNamespace(MESH, ELSEWHERE);
            admin.inventory(MESH, CLUSTER, Workload.inventory(services, endpoints));
            admin.apply(MESH, Workload.resources(virtualServices));
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(CLIENT_THREADS, NioIoHandler.newFactory());
            List<ManagedChannel> channels = new ArrayList<>();
            List<XdsClient> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                channels.add(NettyChannelBuilder.forTarget(xds)
                        .usePlaintext()
                        .eventLoopGroup(loops)
                        .channelType(NioSocketChannel.class)
                        .directExecutor()
                        .maxInboundMessageSize(64 << 20)
                        .build());
                all.add(new XdsClient(MESH, i, "default", this::onResponse));
            }
            try {
                measure("first connects", isType(XdsClient.RDS), () -> connect(all, channels));
                for (int round = 0; round < rounds; round++) {
                    int last = round + 2;
                    measure(
                            "one endpoint, round " + (round + 1),
                            isType(XdsClient.EDS),
                            () -> admin.inventory(
                                    MESH, CLUSTER, List.of(Workload.workload(virtualServices, 0, "10.250.0." + last))));
                }
                for (int round = 0; round < rounds; round++) {
                    int weight = 10 + round;
                    measure(
                            "one VirtualService, round " + (round + 1),
                            isType(XdsClient.RDS),
                            () -> admin.apply(MESH, Workload.virtualService(1, weight)));
                }
                untouched(admin);
                all.forEach(XdsClient::disconnect);
                reconnect(all, channels);
            } finally {
                channels.forEach(ManagedChannel::shutdownNow);
                loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
            }
        }
        return 0;
    }

    private static BiPredicate<String, Set<String>> isType(String type) {
        return (typeUrl, names) -> typeUrl.equals(type) && !names.isEmpty();
    }

    private static void connect(List<XdsClient> all, List<ManagedChannel> channels) {
        for (int i = 0; i < all.size(); i++) {
            all.get(i).connect(channels.get(i));
        }
    }

    private void onResponse(XdsClient client, String typeUrl, Set<String> names, int size) {
        bytes.addAndGet(size);
        if (wanted.test(typeUrl, names) && satisfied.add(client)) {
            lastNanos.accumulateAndGet(System.nanoTime(), Math::max);
        }
    }

    private void measure(String what, BiPredicate<String, Set<String>> until, Runnable action) {
        satisfied.clear();
        bytes.set(0);
        lastNanos.set(0);
        wanted = until;
        ProcessFigures before = ProcessFigures.of(pid);
        long start = System.nanoTime();
        action.run();
        while (satisfied.size() < clients) {
            if (System.nanoTime() - start > TIMEOUT_NANOS) {
                throw new IllegalStateException(
                        what + ": only " + satisfied.size() + " of " + clients + " clients have it");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        long latency = lastNanos.get() - start;
        settle();
        print(what, latency / 1e6, before);
    }

    private void untouched(Admin admin) {
        bytes.set(0);
        wanted = (type, names) -> false;
        ProcessFigures before = ProcessFigures.of(pid);
        admin.apply(
                MESH,
                Workload.virtualService(0, 77)
                        .replace("namespace: default", "namespace: " + ELSEWHERE)
                        .replace("spec:", "spec:\n  exportTo: [\".\"]"));
        settle();
        print("an edit that touches nobody", 0, before);
    }

    private void reconnect(List<XdsClient> all, List<ManagedChannel> channels) {
        bytes.set(0);
        ProcessFigures before = ProcessFigures.of(pid);
        long start = System.nanoTime();
        connect(all, channels);
        settle();
        print("reconnects (time includes 1 s of silence)", (System.nanoTime() - start) / 1e6, before);
    }

    /** Until a second has passed in which nothing came. */
    private void settle() {
        long seen = -1;
        while (bytes.get() != seen) {
            seen = bytes.get();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }

    private void print(String what, double latencyMillis, ProcessFigures before) {
        System.out.printf(
                Locale.ROOT,
                "xds %-42s last-client=%.0fms bytes=%,d %s%n",
                what,
                latencyMillis,
                bytes.get(),
                ProcessFigures.of(pid).since(before));
    }
}
