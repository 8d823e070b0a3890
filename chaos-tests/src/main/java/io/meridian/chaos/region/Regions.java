package io.meridian.chaos.region;

import io.meridian.chaos.proxy.Link;
import io.meridian.chaos.proxy.Network;
import io.meridian.chaos.proxy.Wires;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Three regions that reach each other through a {@link Network} only, from network namespaces of their own, or directly, and, if wanted, a
 * gateway beside each of them. Clients reach all of them directly. Thread-safe.
 */
public final class Regions implements AutoCloseable {
    public static final List<String> NAMES = List.of("eu-1", "us-1", "ap-1");

    /** What is between regions. */
    public enum Between {
        /** A TCP proxy of ours for each that connects to another. */
        PROXIES,
        /** Each is in a network namespace of its own, and the kernel's TCP is between them. */
        NAMESPACES,
        NOTHING
    }

    /** What regions and gateways are. */
    public enum Kind {
        PROCESSES,
        /** Each is in a container of its own, which shares this machine's loopback. */
        CONTAINERS
    }

    private final Map<String, Region> regions = new LinkedHashMap<>();
    private final List<Gateway> gateways = new CopyOnWriteArrayList<>();
    private final Network network = new Network();
    /** Null unless they are in namespaces. Written before they start. */
    private volatile @Nullable Namespaces namespaces;

    /** Null unless they are in containers. Written before they start. */
    private volatile @Nullable Containers containers;

    /** Why not all regions have a disk of their own; empty if they have. Written before they start. */
    private volatile String noOwnDisks = "none was asked for";

    private final Path folder;
    private final ProcessLaunch launch;

    /** Several share a machine with those who test them. */
    private static final String SMALL = "-XX:TieredStopAtLevel=1 -Xss512k";

    private Regions(Path folder, ProcessLaunch launch) {
        this.folder = folder;
        this.launch = launch;
    }

    /** Why regions cannot be in containers here; empty if they can. */
    public static Optional<String> whyNoContainers() {
        return Containers.whyNot();
    }

    /**
     * Starts them, and returns when they are ready.
     *
     * @param root the repository, with what {@code ./meridian stage} has staged
     * @param folder for configurations, data and logs; what an earlier run left there is deleted
     * @param heap of each, for example 192m
     * @param kind {@link Kind#CONTAINERS} only where {@link #whyNoContainers} is empty, and not with {@link Between#NAMESPACES}
     * @param between for {@link Between#NAMESPACES} this process must be alone in its own
     * @param ownDisks each gets a disk of its own that can be frozen, if this machine allows it
     */
    public static Regions start(Path root, Path folder, String heap, Kind kind, Between between, boolean ownDisks)
            throws IOException {
        return start(folder, new ProcessLaunch(root.resolve("meridian"), heap, SMALL), kind, between, ownDisks);
    }

    /**
     * As {@link #start}, with no options for their JVMs.
     *
     * @param linked whether they reach each other through the network; else it has no links
     */
    public static Regions startAsDelivered(Path root, Path folder, String heap, boolean linked) throws IOException {
        return start(
                folder,
                new ProcessLaunch(root.resolve("meridian"), heap, ""),
                Kind.PROCESSES,
                linked ? Between.PROXIES : Between.NOTHING,
                false);
    }

    private static Regions start(Path folder, ProcessLaunch launch, Kind kind, Between between, boolean ownDisks)
            throws IOException {
        Regions all = new Regions(folder, launch);
        try {
            clear(folder);
            Files.createDirectories(folder);
            if (between == Between.NAMESPACES) {
                all.namespaces = Namespaces.create(NAMES);
            }
            if (kind == Kind.CONTAINERS) {
                all.containers = Containers.create(launch, folder);
            }
            for (int i = 0; i < NAMES.size(); i++) {
                String name = NAMES.get(i);
                all.regions.put(name, new Region(name, i + 1, folder, all.launch(name)));
            }
            if (between == Between.PROXIES) {
                all.link();
            }
            if (ownDisks) {
                all.mountDisks();
            }
            for (Region region : all.regions.values()) {
                Files.writeString(region.config(), all.config(region, between == Between.PROXIES));
            }
            all.startAll();
            return all;
        } catch (InterruptedException e) {
            all.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** Of what an earlier run left there, whose disks may be mounted still if it was killed. */
    private static void clear(Path folder) throws IOException, InterruptedException {
        for (String name : NAMES) {
            Disk.forget(folder.resolve(name + Region.DISK));
        }
        Region.deleteTree(folder);
    }

    private Launch launch(String name) {
        Containers boxes = containers;
        if (boxes != null) {
            return boxes;
        }
        Namespaces own = namespaces;
        return own == null ? launch : launch.at(own.host(name), own.prefix(name));
    }

    private void link() throws IOException {
        for (Region from : regions.values()) {
            for (Region to : regions.values()) {
                if (from != to) {
                    network.add(from.name(), to.name(), new Link(Ports.free(), to.peerPort()));
                }
            }
        }
    }

    private void mountDisks() {
        try {
            for (Region region : regions.values()) {
                region.mountDisk();
            }
            noOwnDisks = "";
        } catch (IOException e) {
            noOwnDisks = "a disk of a region's own cannot be mounted here: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @throws UnsupportedOperationException unless each region has a disk of its own, with the reason */
    public void requireOwnDisks() {
        if (!noOwnDisks.isEmpty()) {
            throw new UnsupportedOperationException(noOwnDisks);
        }
    }

    private String config(Region self, boolean linked) {
        String peers = regions.values().stream()
                .filter(peer -> peer != self)
                .map(peer -> "{ name = \"%s\", index = %d, address = \"%s\", admin-address = \"%s\" }"
                        .formatted(
                                peer.name(),
                                peer.index(),
                                linked
                                        ? "127.0.0.1:"
                                                + network.link(self.name(), peer.name())
                                                        .port()
                                        : peer.peer(),
                                peer.admin()))
                .collect(Collectors.joining("\n    "));
        return """
            meridian {
              region { name = "%s", index = %d }
              data-dir = "%s"
              admin.bind = "%s"
              peer.bind = "%s"
              xds.bind = "%s"
              peers = [
                %s
              ]
            }
            """.formatted(self.name(), self.index(), self.data(), self.admin(), self.peer(), self.xds(), peers);
    }

    /** Starts the regions that do not run, at the same time. */
    public void startAll() throws IOException {
        startTogether(
                regions.values().stream().<Start>map(region -> region::start).toList());
    }

    /** Adds a gateway, fed by it, to each region; returns when they are ready. Called once at most. */
    public void addGateways() throws IOException {
        for (Region region : regions.values()) {
            gateways.add(new Gateway(region.name() + "-gateway", region, folder));
        }
        startGateways();
    }

    /** Starts the gateways that do not run, at the same time. */
    public void startGateways() throws IOException {
        startTogether(gateways.stream().<Start>map(gateway -> gateway::start).toList());
    }

    @FunctionalInterface
    private interface Start {
        void run() throws IOException, InterruptedException;
    }

    private static void startTogether(List<Start> starts) throws IOException {
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        for (Start start : starts) {
            starting.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            start.run();
                        } catch (IOException | InterruptedException e) {
                            throw new CompletionException(e);
                        }
                    },
                    task -> Thread.ofVirtual().start(task)));
        }
        try {
            CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw new IOException("a process did not start: " + e.getCause(), e);
        }
    }

    public Region region(String name) {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("no region " + name);
        }
        return region;
    }

    public List<Region> all() {
        return List.copyOf(regions.values());
    }

    /** None unless they were added. */
    public List<Gateway> gateways() {
        return List.copyOf(gateways);
    }

    /**
     * The proxies between them.
     *
     * @throws UnsupportedOperationException if they are in namespaces
     */
    public Network network() {
        if (namespaces != null) {
            throw new UnsupportedOperationException("it takes proxies between the regions, which are in namespaces");
        }
        return network;
    }

    /** What is between them. */
    public Wires wires() {
        Namespaces own = namespaces;
        return own == null ? network : own;
    }

    @Override
    public void close() throws IOException {
        gateways.forEach(Gateway::destroy);
        for (Region region : regions.values()) {
            region.destroy();
        }
        network.close();
        Namespaces own = namespaces;
        if (own != null) {
            own.close();
        }
        Containers boxes = containers;
        if (boxes != null) {
            boxes.close();
        }
    }
}
