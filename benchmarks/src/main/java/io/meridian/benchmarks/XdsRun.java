package io.meridian.benchmarks;

import com.google.protobuf.util.Timestamps;
import io.meridian.api.type.v1.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Many ADS clients on one gateway: first connects, one endpoint, one VirtualService, an edit that touches nobody, reconnects to another
 * gateway, endpoint churn. Latencies count from the append of the event (for inventory, which has none: from the call) to the last byte at
 * each client, and to a real Envoy's acceptance if there is one.
 */
@Command(name = "xds", description = "many ADS clients: latency to the last client, CPU, bytes, memory")
final class XdsRun implements Callable<Integer> {
    private static final String MESH = "xds";
    private static final String CLUSTER = "k8s-1";
    private static final String ELSEWHERE = "elsewhere";

    /** How the clients differ. */
    enum Shape {
        /** All alike. */
        IDENTICAL,
        /** Spread over namespaces, each with a Sidecar. */
        NAMESPACES,
        /** In one namespace, each with labels of its own. */
        LABELS
    }

    @Option(names = "--server", required = true, description = "admin address")
    private String server = "";

    @Option(names = "--xds", required = true, description = "xDS address of the gateway that is measured")
    private String xds = "";

    @Option(names = "--pid", required = true, description = "its process")
    private long pid;

    @Option(names = "--other-xds", description = "xDS address of another gateway, to reconnect to")
    private @Nullable String otherXds;

    @Option(names = "--other-pid", description = "its process")
    private long otherPid;

    @Option(names = "--clients", defaultValue = "1000")
    private int clients;

    @Option(names = "--services", defaultValue = "500")
    private int services;

    @Option(names = "--endpoints", defaultValue = "5")
    private int endpoints;

    @Option(names = "--virtual-services", defaultValue = "50")
    private int virtualServices;

    @Option(names = "--rounds", defaultValue = "100", description = "of each edit, but for the first")
    private int rounds;

    @Option(names = "--protocol", defaultValue = "delta", description = "delta or sotw")
    private String protocol = "";

    @Option(names = "--shape", defaultValue = "IDENTICAL", description = "${COMPLETION-CANDIDATES}")
    private Shape shape = Shape.IDENTICAL;

    @Option(names = "--namespaces", defaultValue = "50", description = "of shape NAMESPACES")
    private int namespaces;

    @Option(names = "--churn-seconds", defaultValue = "0", description = "of 100 endpoint changes per second")
    private int churnSeconds;

    @Option(names = "--never-read", defaultValue = "0", description = "this many more clients that take nothing")
    private int neverRead;

    @Option(names = "--refuse", defaultValue = "0", description = "this many more clients that refuse everything")
    private int refuse;

    @Option(names = "--envoy", description = "a binary: a real Envoy is connected beside the clients")
    private @Nullable Path envoyBinary;

    @Override
    public Integer call() throws Exception {
        boolean delta = protocol.equals("delta");
        Workload workload =
                new Workload(services, endpoints, virtualServices, shape == Shape.NAMESPACES ? namespaces : 1);
        System.out.printf(
                Locale.ROOT,
                "xds clients=%d protocol=%s shape=%s services=%d endpoints=%d virtual-services=%d never-read=%d refuse=%d rounds=%d%n",
                clients,
                protocol,
                shape,
                services,
                endpoints,
                virtualServices,
                neverRead,
                refuse,
                rounds);
        try (Admin admin = new Admin(server);
                XdsFleet fleet = new XdsFleet()) {
            prepare(admin, workload);
            people(fleet, workload, delta);
            Predicate<XdsClient> regular = client -> client.identity().number() < clients;
            idle();
            once("first connects, cold", fleet, regular, ofType(XdsClient.RDS), () -> fleet.connect(xds));
            fleet.disconnect();
            fleet.clients().forEach(XdsClient::forget);
            once("first connects again", fleet, regular, ofType(XdsClient.RDS), () -> fleet.connect(xds));
            try (XdsEnvoy envoy = envoyBinary == null ? null : XdsEnvoy.start(envoyBinary, xds, MESH)) {
                edits(admin, fleet, workload, regular, envoy);
            }
            if (churnSeconds > 0) {
                churn(admin, fleet, workload);
            }
            fleet.disconnect();
            idle();
            if (otherXds != null) {
                String other = otherXds;
                reconnect("reconnects to another gateway, cold", fleet, other, otherPid);
                fleet.disconnect();
                reconnect("reconnects to another gateway again", fleet, other, otherPid);
                fleet.disconnect();
            }
            reconnect("reconnects to the same gateway", fleet, xds, pid);
        }
        return 0;
    }

    private void prepare(Admin admin, Workload workload) {
        admin.createMesh(MESH, 0);
        admin.addCluster(MESH, CLUSTER);
        admin.createNamespace(MESH, ELSEWHERE);
        if (workload.namespaces() > 1) {
            workload.allNamespaces().forEach(namespace -> admin.createNamespace(MESH, namespace));
        }
        admin.inventory(MESH, CLUSTER, workload.inventory());
        admin.apply(MESH, workload.resources());
    }

    private void people(XdsFleet fleet, Workload workload, boolean delta) {
        for (int i = 0; i < clients + neverRead + refuse; i++) {
            String namespace = workload.namespace(i);
            Map<String, String> labels = shape == Shape.LABELS
                    ? Map.of("app", "client-" + i, "pod-template-hash", Integer.toHexString(i * 7919))
                    : Map.of();
            fleet.add(
                    new XdsClient.Identity(i, MESH, namespace, labels),
                    delta,
                    i < clients
                            ? XdsClient.Manner.ACKNOWLEDGES
                            : i < clients + neverRead ? XdsClient.Manner.NEVER_READS : XdsClient.Manner.REFUSES);
        }
    }

    private void edits(
            Admin admin, XdsFleet fleet, Workload workload, Predicate<XdsClient> regular, @Nullable XdsEnvoy envoy) {
        Predicate<XdsClient> sees =
                client -> regular.test(client) && client.identity().namespace().equals(workload.namespace(1));
        repeat(
                admin,
                "one endpoint",
                fleet,
                sees,
                ofType(XdsClient.EDS),
                round -> {
                    admin.inventory(MESH, CLUSTER, List.of(workload.workload(1, 0, "10.250." + round + ".2")));
                    return null;
                },
                null);
        repeat(
                admin,
                "one VirtualService",
                fleet,
                sees,
                ofType(XdsClient.RDS),
                round -> admin.apply(MESH, Workload.virtualService(workload.namespace(1), 1, round % 100)),
                envoy);
        repeat(
                admin,
                "an edit that touches nobody",
                fleet,
                client -> false,
                response -> false,
                round -> admin.apply(
                        MESH,
                        Workload.virtualService(ELSEWHERE, 0, round % 100)
                                .replace("spec:", "spec:\n  exportTo: [\".\"]")),
                null);
    }

    private static Predicate<XdsResponse> ofType(String type) {
        return response -> response.typeUrl().equals(type) && !response.names().isEmpty();
    }

    private void once(
            String what, XdsFleet fleet, Predicate<XdsClient> which, Predicate<XdsResponse> until, Runnable action) {
        fleet.expect(which, until);
        ProcessFigures before = ProcessFigures.of(pid);
        long start = System.nanoTime();
        action.run();
        Figures figures = fleet.arrivals(what, start);
        fleet.settle();
        print(what, figures, 1, fleet, ProcessFigures.of(pid).since(before));
    }

    /** The first round is told apart: it warms up what the others run on. */
    private void repeat(
            Admin admin,
            String what,
            XdsFleet fleet,
            Predicate<XdsClient> which,
            Predicate<XdsResponse> until,
            IntFunction<@Nullable Position> action,
            @Nullable XdsEnvoy envoy) {
        Figures envoyFigures = new Figures();
        round(admin, what + ", the first", fleet, which, until, action, 0, 1, envoy, new Figures());
        round(admin, what, fleet, which, until, action, 1, rounds, envoy, envoyFigures);
        if (envoy != null) {
            System.out.printf(Locale.ROOT, "xds %-38s %s%n", what + ", accepted by Envoy", envoyFigures);
        }
    }

    private void round(
            Admin admin,
            String what,
            XdsFleet fleet,
            Predicate<XdsClient> which,
            Predicate<XdsResponse> until,
            IntFunction<@Nullable Position> action,
            int first,
            int count,
            @Nullable XdsEnvoy envoy,
            Figures envoyFigures) {
        Figures all = new Figures();
        long bytes = 0;
        ProcessFigures before = ProcessFigures.of(pid);
        for (int round = first; round < first + count; round++) {
            // The generator's own collections would count as the gateway's latency.
            System.gc();
            fleet.expect(which, until);
            long accepted = envoy == null ? 0 : envoy.routeUpdates();
            long start = System.nanoTime();
            Instant startedAt = Instant.now();
            Position position = action.apply(round);
            long envoyNanos = envoy == null ? 0 : envoy.awaitRouteUpdate(accepted) - start;
            Figures figures = fleet.arrivals(what, start);
            long untilAppend = position == null ? 0 : untilAppend(admin, position, startedAt);
            all.addAll(figures.minus(untilAppend));
            if (envoy != null) {
                envoyFigures.add(envoyNanos - untilAppend);
            }
            fleet.settle();
            bytes += fleet.bytes();
        }
        print(what, all, count, bytes, ProcessFigures.of(pid).since(before));
    }

    /** From the start of the call until the event was made, which is just before it was appended. */
    private static long untilAppend(Admin admin, Position position, Instant startedAt) {
        Instant made = Instant.ofEpochSecond(0, Timestamps.toNanos(admin.timeOf(MESH, position)));
        return Math.max(0, Duration.between(startedAt, made).toNanos());
    }

    private void churn(Admin admin, XdsFleet fleet, Workload workload) {
        fleet.expect(client -> false, response -> false);
        ProcessFigures before = ProcessFigures.of(pid);
        Figures calls = new Figures();
        long start = System.nanoTime();
        int changes = churnSeconds * 100;
        for (int i = 0; i < changes; i++) {
            long due = start + TimeUnit.MILLISECONDS.toNanos(10L * i);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            long called = System.nanoTime();
            int service = i % services;
            admin.inventory(
                    MESH,
                    CLUSTER,
                    List.of(workload.workload(service, 1, "10.251." + i % 250 + "." + (i / 250 % 250 + 1))));
            calls.add(System.nanoTime() - called);
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        fleet.settle();
        System.out.printf(
                Locale.ROOT,
                "xds %-38s seconds=%d changes=%d responses=%,d bytes=%,d %s (calls: %s)%n",
                "endpoint churn of 100/s",
                seconds,
                changes,
                fleet.responses(),
                fleet.bytes(),
                ProcessFigures.of(pid).since(before).text(1),
                calls);
    }

    /** The time is that of the silence that follows, so only CPU and bytes say something. */
    private void reconnect(String what, XdsFleet fleet, String address, long process) {
        fleet.expect(client -> false, response -> false);
        ProcessFigures before = ProcessFigures.of(process);
        fleet.connect(address);
        fleet.settle();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        fleet.settle();
        print(what, new Figures(), 1, fleet, ProcessFigures.of(process).since(before));
    }

    private void idle() {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        ProcessFigures before = ProcessFigures.of(pid);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
        System.out.printf(
                Locale.ROOT,
                "xds %-38s %s%n",
                "idle, per second",
                ProcessFigures.of(pid).since(before).text(5));
    }

    private static void print(String what, Figures figures, int count, XdsFleet fleet, ProcessFigures.Used used) {
        print(what, figures, count, fleet.bytes(), used);
    }

    private static void print(String what, Figures figures, int count, long bytes, ProcessFigures.Used used) {
        System.out.printf(
                Locale.ROOT,
                "xds %-38s p50=%.0fms p99=%.0fms last=%.0fms bytes=%,d %s%n",
                what,
                figures.millis(0.5),
                figures.millis(0.99),
                figures.millis(1),
                bytes / count,
                used.text(count));
    }
}
