package io.meridian.benchmarks;

import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.type.v1.Position;
import io.meridian.chaos.client.RegionClient;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Three regions as processes, with a client for each. Used by one thread; the clients by any. */
final class RegionSet implements AutoCloseable {
    private static final String HEAP = "384m";

    private final Regions regions;
    private final Map<String, Admin> admins = new LinkedHashMap<>();
    private final Thread cleanUp = new Thread(this::end);

    /** @param linked whether they reach each other through links, which can be made slow */
    RegionSet(Path root, Path folder, boolean linked) throws IOException {
        regions = Regions.startAsDelivered(root, folder, HEAP, linked);
        regions.all().forEach(region -> admins.put(region.name(), new Admin(region.admin())));
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    Regions processes() {
        return regions;
    }

    List<Admin> admins() {
        return List.copyOf(admins.values());
    }

    Admin admin(String region) {
        Admin admin = admins.get(region);
        if (admin == null) {
            throw new IllegalArgumentException("no region " + region);
        }
        return admin;
    }

    /** In turn. */
    static String after(String region) {
        return Regions.NAMES.get((Regions.NAMES.indexOf(region) + 1) % Regions.NAMES.size());
    }

    void kill(String region) throws IOException, InterruptedException {
        regions.region(region).kill9();
    }

    /** Returns when it is ready. */
    void start(String region) throws IOException, InterruptedException {
        regions.region(region).start();
        admin(region).reconnect();
    }

    /** All hold what any of them holds now, while others go on writing. */
    void awaitCaughtUp(String mesh) {
        Position furthest = admins().stream()
                .map(admin -> admin.mesh(mesh).getPosition())
                .max(Comparator.comparingLong(Position::getEpoch).thenComparingLong(Position::getSeq))
                .orElseThrow();
        Await.until(
                "all regions hold " + furthest,
                () -> Await.holds(() -> admins().stream()
                        .map(admin -> admin.mesh(mesh).getPosition())
                        .allMatch(
                                held -> held.getEpoch() >= furthest.getEpoch() && held.getSeq() >= furthest.getSeq())));
    }

    /** For when nobody writes any more. */
    void awaitEqualHeads(String mesh) {
        Await.until(
                "all regions hold the same head of " + mesh,
                () -> Await.holds(() -> {
                    Position first = admins().getFirst().mesh(mesh).getPosition();
                    return admins().stream()
                            .map(admin -> admin.mesh(mesh))
                            .map(Mesh::getPosition)
                            .allMatch(first::equals);
                }));
    }

    /**
     * What became of acknowledged commands.
     *
     * @param missing those that a region's log lacks
     * @param listed the missing ones that divergent branches name
     */
    record Kept(int missing, int listed) {}

    /** Once heads are equal. */
    Kept kept(String mesh, Set<String> requestIds) throws IOException {
        Set<String> missing = new HashSet<>();
        Set<String> listed = new HashSet<>();
        for (Region region : regions.all()) {
            try (RegionClient client = new RegionClient(region.name(), region.admin())) {
                Set<String> left = new HashSet<>(requestIds);
                for (Envelope event : client.log(mesh)) {
                    left.remove(EventHeader.parseFrom(event.getHeader()).getCommandId());
                }
                missing.addAll(left);
                client.branches(mesh)
                        .forEach(branch -> branch.getEntriesList().stream()
                                .map(BranchEntry::getCommandId)
                                .forEach(listed::add));
            }
        }
        listed.retainAll(missing);
        return new Kept(missing.size(), listed.size());
    }

    private void end() {
        try {
            regions.close();
        } catch (IOException e) {
            System.err.println("while the regions were ended: " + e);
        }
    }

    @Override
    public void close() {
        admins.values().forEach(Admin::close);
        end();
        Runtime.getRuntime().removeShutdownHook(cleanUp);
    }
}
