package io.meridian.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which process listens where. Everything is on loopback; the ingress too, as long as its Gateway resource binds it there.
 *
 * @param block the loopback addresses of workloads: "127.0.20."
 * @param ingress the ingress gateway's proxy
 * @param ingressPort the container port that its service port 80 is mapped to
 * @param externalPort where the host outside the mesh is played
 * @param sidecars one per workload
 */
public record DemoLayout(
        List<Region> regions, String block, Proxy ingress, int ingressPort, int externalPort, List<Sidecar> sidecars) {
    static final String MESH = "bookinfo";
    static final int SERVICE_PORT = 9080;

    private static final String FILE = "layout.json";
    private static final List<String> REGIONS = List.of("eu-1", "us-1", "ap-1");
    /** The command line's default server, so that commands go to eu-1 unless told otherwise. */
    private static final int ADMIN_PORT = 15080;

    private static final int XDS_PORT = 15180;
    private static final int PEER_PORT = 15280;
    private static final int METRICS_PORT = 15380;
    private static final int CLUSTER_PORT = 15480;
    private static final int ENVOY_ADMIN_PORT = 15580;
    private static final int APP_PORT = 15680;
    private static final int INGRESS_PORT = 8080;
    private static final int EXTERNAL_PORT = 9180;
    private static final int INGRESS_HOST = 2;
    /** Added to the last octet of a workload's address: where its application finds the sidecar. */
    private static final int EGRESS_OFFSET = 100;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** A region's ports, all at 127.0.0.1. */
    public record Region(String name, int index, int admin, int xds, int peer, int metrics, int cluster) {
        public String adminAddress() {
            return "127.0.0.1:" + admin;
        }

        public String xdsAddress() {
            return "127.0.0.1:" + xds;
        }
    }

    /**
     * An Envoy.
     *
     * @param cluster the mesh's cluster that it is in
     * @param adminPort of Envoy's own interface
     * @param region that it connects to first
     * @param delta whether it speaks the incremental protocol
     */
    public record Proxy(
            String name,
            String namespace,
            String cluster,
            String address,
            int adminPort,
            String region,
            boolean delta) {}

    /**
     * @param egress where its application reaches other services: this address, port {@link #SERVICE_PORT}
     * @param appPort of its application, at 127.0.0.1
     */
    public record Sidecar(Proxy proxy, String egress, int appPort) {}

    public DemoLayout {
        regions = List.copyOf(regions);
        sidecars = List.copyOf(sidecars);
    }

    /** The remembered one, with other ports where remembered ones are taken; remembers what it returns. */
    static DemoLayout choose(Path data, Path examples) {
        DemoLayout layout = plan(load(data), examples, new FreePorts());
        try {
            Files.createDirectories(data);
            JSON.writeValue(data.resolve(FILE).toFile(), layout);
        } catch (IOException e) {
            throw new DemoException("cannot write " + data.resolve(FILE) + ": " + e.getMessage(), e);
        }
        return layout;
    }

    /** What was remembered; empty if the demo has not been started with this data. */
    static Optional<DemoLayout> load(Path data) {
        Path file = data.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), DemoLayout.class));
        } catch (IOException e) {
            throw new DemoException(file + " is damaged (" + e.getMessage() + "); start anew with --fresh", e);
        }
    }

    /** The home of the mesh. */
    Region home() {
        return regions.getFirst();
    }

    /** Of all regions, as {@code --server} takes them. */
    String adminAddresses() {
        return regions.stream().map(Region::adminAddress).collect(Collectors.joining(","));
    }

    Region region(String name) {
        return regions.stream()
                .filter(region -> region.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DemoException(
                        "the demo has no region '" + name + "'; its regions are " + String.join(", ", regionNames())));
    }

    List<String> regionNames() {
        return regions.stream().map(Region::name).toList();
    }

    /** The ingress first. */
    List<Proxy> proxies() {
        return Stream.concat(Stream.of(ingress), sidecars.stream().map(Sidecar::proxy))
                .toList();
    }

    /** "http://127.0.0.1:8080". */
    String ingressUrl() {
        return "http://127.0.0.1:" + ingressPort;
    }

    private static DemoLayout plan(Optional<DemoLayout> earlier, Path examples, FreePorts ports) {
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < REGIONS.size(); i++) {
            int at = i;
            Optional<Region> known = earlier.map(layout -> layout.regions().get(at));
            regions.add(new Region(
                    REGIONS.get(i),
                    i + 1,
                    ports.take(known.map(Region::admin).orElse(ADMIN_PORT + i)),
                    ports.take(known.map(Region::xds).orElse(XDS_PORT + i)),
                    ports.take(known.map(Region::peer).orElse(PEER_PORT + i)),
                    ports.take(known.map(Region::metrics).orElse(METRICS_PORT + i)),
                    ports.take(known.map(Region::cluster).orElse(CLUSTER_PORT + i))));
        }
        String block = block(earlier, examples);
        List<BookinfoInventory.Workload> workloads =
                BookinfoInventory.read(examples, block).workloads();
        Proxy ingress = new Proxy(
                "ingressgateway",
                "istio-system",
                workloads.getFirst().cluster(),
                block + INGRESS_HOST,
                ports.take(earlier.map(layout -> layout.ingress().adminPort()).orElse(ENVOY_ADMIN_PORT)),
                REGIONS.getFirst(),
                true);
        List<Sidecar> sidecars = new ArrayList<>();
        for (int i = 0; i < workloads.size(); i++) {
            Optional<Sidecar> known = known(earlier, i);
            BookinfoInventory.Workload workload = workloads.get(i);
            Proxy proxy = new Proxy(
                    workload.name(),
                    workload.namespace(),
                    workload.cluster(),
                    workload.address(),
                    ports.take(known.map(sidecar -> sidecar.proxy().adminPort()).orElse(ENVOY_ADMIN_PORT + 1 + i)),
                    REGIONS.get((i + 1) % REGIONS.size()),
                    i % 2 == 0);
            sidecars.add(new Sidecar(
                    proxy,
                    block + (lastOctet(workload.address()) + EGRESS_OFFSET),
                    ports.take(known.map(Sidecar::appPort).orElse(APP_PORT + i))));
        }
        return new DemoLayout(
                regions,
                block,
                ingress,
                ports.take(earlier.map(DemoLayout::ingressPort).orElse(INGRESS_PORT)),
                ports.take(earlier.map(DemoLayout::externalPort).orElse(EXTERNAL_PORT)),
                sidecars);
    }

    private static Optional<Sidecar> known(Optional<DemoLayout> earlier, int at) {
        return earlier.filter(layout -> at < layout.sidecars().size())
                .map(layout -> layout.sidecars().get(at));
    }

    private static String block(Optional<DemoLayout> earlier, Path examples) {
        String preferred = earlier.map(DemoLayout::block).orElse(BookinfoInventory.BLOCK_IN_FILES);
        List<Integer> hosts = BookinfoInventory.read(examples, preferred).workloads().stream()
                .flatMap(workload ->
                        Stream.of(lastOctet(workload.address()), lastOctet(workload.address()) + EGRESS_OFFSET))
                .toList();
        return FreePorts.takeBlock(preferred, hosts, SERVICE_PORT);
    }

    private static int lastOctet(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf('.') + 1));
    }
}
