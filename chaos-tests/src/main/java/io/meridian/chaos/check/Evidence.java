package io.meridian.chaos.check;

import io.meridian.api.admin.v1.Branch;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a judgement is made of.
 *
 * @param history what was recorded
 * @param meshes what the regions hold at the end, by mesh
 */
record Evidence(Recorded history, Map<String, OfMesh> meshes) {
    Evidence {
        meshes = new TreeMap<>(meshes);
    }

    /** @throws IllegalArgumentException if something is unreadable */
    static Evidence of(Recorded history, Collected collected) {
        Map<String, OfMesh> meshes = new HashMap<>();
        for (String mesh : history.run().meshes().keySet()) {
            Map<String, MeshLog> logs = new TreeMap<>();
            Map<String, List<Branch>> branches = new TreeMap<>();
            for (String region : history.run().regions().keySet()) {
                logs.put(region, MeshLog.of(collected.log(mesh, region)));
                branches.put(region, collected.branches(mesh, region));
            }
            meshes.put(mesh, new OfMesh(mesh, logs, branches));
        }
        return new Evidence(history, meshes);
    }

    OfMesh mesh(String name) {
        OfMesh mesh = meshes.get(name);
        if (mesh == null) {
            throw new IllegalArgumentException("the history names mesh " + name + ", which was not run");
        }
        return mesh;
    }

    /** One command on a divergent branch. */
    record Left(String branch, BranchEntry entry) {
        Position last() {
            return new Position(entry.getLast().getEpoch(), entry.getLast().getSeq());
        }
    }

    /** @param logs by region */
    record OfMesh(String name, Map<String, MeshLog> logs, Map<String, List<Branch>> branches) {
        /** The log that counts: that with the highest head. Where logs differ, I2 says so. */
        MeshLog current() {
            return logs.values().stream()
                    .max(Comparator.comparing(MeshLog::head))
                    .orElseThrow(() -> new IllegalArgumentException("no region was asked for mesh " + name));
        }

        /** All that forced failovers left behind, as any region lists it. */
        List<Left> left() {
            List<Left> left = new ArrayList<>();
            branches.values().stream()
                    .flatMap(List::stream)
                    .forEach(branch ->
                            branch.getEntriesList().forEach(entry -> left.add(new Left(branch.getName(), entry))));
            return left;
        }
    }
}
