package io.meridian.chaos.region;

import io.meridian.chaos.proxy.Link;
import io.meridian.chaos.proxy.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** Three regions that reach each other through a {@link Network} only, or directly. Clients reach them directly. Thread-safe. */
public final class Regions implements AutoCloseable {
    public static final List<String> NAMES = List.of("eu-1", "us-1", "ap-1");

    private final Map<String, Region> regions = new LinkedHashMap<>();
    private final Network network = new Network();

    /** Several share a machine with those who test them. */
    private static final String SMALL = "-XX:TieredStopAtLevel=1 -Xss512k";

    private Regions() {}

    /**
     * Starts them, and returns when they are ready.
     *
     * @param root the repository, with what {@code ./meridian stage} has staged
     * @param folder for configurations, data and logs
     * @param heap of each, for example 192m
     */
    public static Regions start(Path root, Path folder, String heap) throws IOException {
        return start(folder, new Launch(root.resolve("meridian"), heap, SMALL), true);
    }

    /**
     * As {@link #start}, with no options for their JVMs.
     *
     * @param linked whether they reach each other through the network; else it has no links
     */
    public static Regions startAsDelivered(Path root, Path folder, String heap, boolean linked) throws IOException {
        return start(folder, new Launch(root.resolve("meridian"), heap, ""), linked);
    }

    private static Regions start(Path folder, Launch launch, boolean linked) throws IOException {
        Regions all = new Regions();
        try {
            Files.createDirectories(folder);
            for (int i = 0; i < NAMES.size(); i++) {
                String name = NAMES.get(i);
                all.regions.put(name, new Region(name, i + 1, folder, launch));
            }
            if (linked) {
                all.link();
            }
            for (Region region : all.regions.values()) {
                Files.writeString(region.config(), all.config(region, linked));
            }
            all.startAll();
            return all;
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
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

    private String config(Region self, boolean linked) {
        String peers = regions.values().stream()
                .filter(peer -> peer != self)
                .map(peer -> "{ name = \"%s\", index = %d, address = \"127.0.0.1:%d\", admin-address = \"%s\" }"
                        .formatted(
                                peer.name(),
                                peer.index(),
                                linked ? network.link(self.name(), peer.name()).port() : peer.peerPort(),
                                peer.admin()))
                .collect(Collectors.joining("\n    "));
        return """
            meridian {
              region { name = "%s", index = %d }
              data-dir = "%s"
              admin.bind = "127.0.0.1:%d"
              peer.bind = "127.0.0.1:%d"
              xds.bind = "%s"
              peers = [
                %s
              ]
            }
            """.formatted(
                        self.name(), self.index(), self.data(), self.adminPort(), self.peerPort(), self.xds(), peers);
    }

    /** Starts those that do not run, at the same time. */
    public void startAll() throws IOException {
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        for (Region region : regions.values()) {
            starting.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            region.start();
                        } catch (IOException | InterruptedException e) {
                            throw new CompletionException(e);
                        }
                    },
                    task -> Thread.ofVirtual().start(task)));
        }
        try {
            CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw new IOException("a region did not start: " + e.getCause(), e);
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

    public Network network() {
        return network;
    }

    @Override
    public void close() throws IOException {
        for (Region region : regions.values()) {
            region.destroy();
        }
        network.close();
    }
}
