package io.meridian.e2e;

import io.meridian.testsupport.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** Three regions that know each other, and if wanted others in reserve, each a process of its own. Used by one thread; the APIs that it gives may be used by any. */
final class Regions implements AutoCloseable {
    static final List<String> NAMES = List.of("eu-1", "us-1", "ap-1");

    private static final Duration SOON = Duration.ofSeconds(60);

    private record Place(String name, int index, boolean reserve, String admin, String peer, Path config) {}

    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Map<String, ServerProcess> running = new LinkedHashMap<>();
    private final Map<String, AdminApi> apis = new LinkedHashMap<>();

    /** More of {@code meridian}'s configuration, the same for all. */
    private final String more;

    private Regions(String more) {
        this.more = more;
    }

    /** {@code reserve}: names of regions that are no members until they join. */
    static Regions start(Path folder, String... reserve) throws Exception {
        return start(folder, "", List.of(reserve));
    }

    /** {@code more}: of {@code meridian}'s configuration, for each of them. */
    static Regions startWith(Path folder, String more) throws Exception {
        return start(folder, more, List.of());
    }

    private static Regions start(Path folder, String more, List<String> reserve) throws Exception {
        Regions regions = new Regions(more);
        List<String> all = new ArrayList<>(NAMES);
        all.addAll(reserve);
        for (int i = 0; i < all.size(); i++) {
            String name = all.get(i);
            regions.places.put(
                    name,
                    new Place(
                            name,
                            i + 1,
                            i >= NAMES.size(),
                            Ports.freeAddress(),
                            Ports.freeAddress(),
                            folder.resolve(name + ".conf")));
        }
        for (Place place : regions.places.values()) {
            Files.writeString(place.config(), regions.config(place, folder));
            regions.apis.put(place.name(), new AdminApi(place.admin()));
        }
        try {
            regions.startAll();
            return regions;
        } catch (Exception e) {
            regions.close();
            throw e;
        }
    }

    private String config(Place self, Path folder) {
        String peers = places.values().stream()
                .filter(peer -> !peer.equals(self))
                .map(peer -> "{ name = \"%s\", index = %d, address = \"%s\", admin-address = \"%s\", reserve = %s }"
                        .formatted(peer.name(), peer.index(), peer.peer(), peer.admin(), peer.reserve()))
                .collect(Collectors.joining("\n    "));
        return """
                meridian {
                  region { name = "%s", index = %d }
                  data-dir = "%s"
                  admin.bind = "%s"
                  peer.bind = "%s"
                  xds.bind = "127.0.0.1:0"
                  core.reserve = %s
                  peers = [
                    %s
                  ]
                  %s
                }
                """.formatted(
                        self.name(),
                        self.index(),
                        folder.resolve(self.name()),
                        self.admin(),
                        self.peer(),
                        self.reserve(),
                        peers,
                        more);
    }

    /**
     * Starts those that do not run, at the same time, and waits until all hear each other: a region that returned takes no home and gives no
     * promise where it is not heard yet, and it may have returned by {@link #start(String)} a moment ago.
     */
    void startAll() throws Exception {
        Map<String, CompletableFuture<ServerProcess>> starting = new LinkedHashMap<>();
        for (Place place : places.values()) {
            if (!running.containsKey(place.name())) {
                starting.put(
                        place.name(),
                        CompletableFuture.supplyAsync(
                                () -> started(place), task -> Thread.ofVirtual().start(task)));
            }
        }
        List<Throwable> failures = new ArrayList<>();
        starting.forEach((name, process) -> {
            try {
                running.put(name, process.join());
                api(name).reconnect();
            } catch (CompletionException e) {
                failures.add(e.getCause());
            }
        });
        if (!failures.isEmpty()) {
            throw new AssertionError("a region did not start", failures.getFirst());
        }
        awaitEachOther();
    }

    /** A region that died stays reachable to the others for a while: what counts is what they hear from now on. */
    private void awaitEachOther() {
        long began = System.nanoTime();
        for (String region : running.keySet()) {
            Set<String> others = new HashSet<>(running.keySet());
            others.remove(region);
            Await.until(
                    () -> region + " hears " + others + "; it last heard "
                            + api(region).silences() + " ago",
                    SOON,
                    () -> {
                        Duration sinceThen = Duration.ofNanos(System.nanoTime() - began);
                        Map<String, Duration> silences = api(region).silences();
                        return others.stream()
                                .allMatch(other ->
                                        silences.getOrDefault(other, sinceThen).compareTo(sinceThen) < 0);
                    });
        }
    }

    private static ServerProcess started(Place place) {
        try {
            return ServerProcess.region(place.config());
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** Returns when the region serves; the others may not have heard it yet. */
    void start(String name) throws Exception {
        running.put(name, ServerProcess.region(place(name).config()));
        api(name).reconnect();
    }

    /** kill -9. */
    void kill(String name) throws Exception {
        ServerProcess process = running.remove(name);
        if (process == null) {
            throw new IllegalStateException(name + " does not run");
        }
        process.kill9();
    }

    AdminApi api(String name) {
        AdminApi api = apis.get(name);
        if (api == null) {
            throw new IllegalArgumentException(name);
        }
        return api;
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException(name);
        }
        return place;
    }

    @Override
    public void close() {
        apis.values().forEach(AdminApi::close);
        running.values().forEach(ServerProcess::close);
    }
}
