package io.meridian.chaos.client;

import io.meridian.chaos.history.History;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all clients of a run share. Thread-safe.
 *
 * @param processes the next number that is given to a client
 * @param values the next value that is written; each is written once
 */
public record Context(
        History history,
        List<RegionClient> regions,
        List<String> meshes,
        Known known,
        AtomicInteger processes,
        AtomicLong values) {
    public Context {
        regions = List.copyOf(regions);
        meshes = List.copyOf(meshes);
    }

    public Context(History history, List<RegionClient> regions, List<String> meshes) {
        this(history, regions, meshes, new Known(), new AtomicInteger(), new AtomicLong(1));
    }

    RegionClient anyRegion(Random random) {
        return regions.get(random.nextInt(regions.size()));
    }

    String anyMesh(Random random) {
        return meshes.get(random.nextInt(meshes.size()));
    }
}
