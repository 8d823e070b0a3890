package io.meridian.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One endpoint at a gateway beside the same bytes from a bare grpc-java server, in turns, so that both have the machine at the same speed:
 * what the gateway's work costs above what the transport costs anyone.
 */
@Command(name = "xds-floor", description = "one endpoint, in turns with a bare grpc-java server that sends as much")
final class FloorRun implements Callable<Integer> {
    private static final String MESH = "xds";
    private static final String CLUSTER = "k8s-1";
    /** Rounds, before it is the other's turn. */
    private static final int TURN = 10;

    @Option(names = "--server", required = true, description = "admin address")
    private String server = "";

    @Option(names = "--xds", required = true, description = "xDS address of the gateway")
    private String xds = "";

    @Option(names = "--pid", required = true, description = "its process")
    private long pid;

    @Option(names = "--clients", defaultValue = "1000")
    private int clients;

    @Option(names = "--turns", defaultValue = "10", description = "of ten rounds each")
    private int turns;

    @Option(names = "--floor-jvm", required = true, split = " ", description = "options of the bare server's JVM")
    private List<String> floorJvm = List.of();

    private final Workload workload = new Workload(500, 5, 50, 1);

    /** Of all rounds of one server. */
    private static final class Tally {
        private final XdsFleet fleet;
        private final long process;
        private final IntConsumer change;
        private final Figures arrivals = new Figures();
        private double cpuSeconds;
        private long bytes;
        private int rounds;

        Tally(XdsFleet fleet, long process, IntConsumer change) {
            this.fleet = fleet;
            this.process = process;
            this.change = change;
        }

        void turn() {
            ProcessFigures before = ProcessFigures.of(process);
            for (int i = 0; i < TURN; i++) {
                // The generator's own collections would count as the server's latency.
                System.gc();
                fleet.expect(client -> true, response -> response.typeUrl().equals(XdsClient.EDS));
                long start = System.nanoTime();
                change.accept(rounds++);
                arrivals.addAll(fleet.arrivals("one endpoint", start));
                fleet.settle();
                bytes += fleet.bytes();
            }
            cpuSeconds += ProcessFigures.of(process).since(before).cpuSeconds();
        }

        /** Per round. */
        double cpu() {
            return cpuSeconds / rounds;
        }

        void print(String what) {
            System.out.printf(
                    Locale.ROOT,
                    "xds-floor %-40s %s bytes=%,d cpu=%.4fs rounds=%d%n",
                    what,
                    arrivals,
                    bytes / rounds,
                    cpu(),
                    rounds);
        }
    }

    @Override
    public Integer call() throws Exception {
        try (Admin admin = new Admin(server);
                XdsFleet fleet = fleet()) {
            admin.createMesh(MESH, 0);
            admin.addCluster(MESH, CLUSTER);
            admin.inventory(MESH, CLUSTER, workload.inventory());
            admin.apply(MESH, workload.resources());
            connect(fleet, xds, XdsClient.RDS);
            IntConsumer endpoint = round ->
                    admin.inventory(MESH, CLUSTER, List.of(workload.workload(1, 0, "10.250." + round % 250 + ".2")));
            Tally warm = new Tally(fleet, pid, endpoint);
            warm.turn();
            compare(fleet, endpoint, Math.toIntExact(warm.bytes / TURN / clients));
        }
        return 0;
    }

    private void compare(XdsFleet fleet, IntConsumer endpoint, int bytes) throws Exception {
        try (XdsFleet beside = fleet();
                FloorProcess floor = FloorProcess.start(floorJvm, bytes)) {
            connect(beside, floor.address(), XdsClient.EDS);
            new Tally(beside, floor.pid(), round -> floor.push()).turn();
            Tally ofFloor = new Tally(beside, floor.pid(), round -> floor.push());
            Tally ofGateway = new Tally(fleet, pid, endpoint);
            for (int i = 0; i < turns; i++) {
                ofGateway.turn();
                ofFloor.turn();
            }
            ofGateway.print("one endpoint, gateway");
            ofFloor.print("as many bytes, bare grpc-java");
            System.out.printf(Locale.ROOT, "xds-floor ratio %.2f%n", ofGateway.cpu() / ofFloor.cpu());
        }
    }

    private static void connect(XdsFleet fleet, String address, String lastType) {
        fleet.expect(client -> true, response -> response.typeUrl().equals(lastType));
        fleet.connect(address);
        fleet.arrivals("first connects", System.nanoTime());
        fleet.settle();
    }

    private XdsFleet fleet() {
        XdsFleet fleet = new XdsFleet();
        for (int i = 0; i < clients; i++) {
            fleet.add(
                    new XdsClient.Identity(i, MESH, workload.namespace(i), Map.of()),
                    true,
                    XdsClient.Manner.ACKNOWLEDGES);
        }
        return fleet;
    }
}
