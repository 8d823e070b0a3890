package io.meridian.chaos.check;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.events.v1.Envelope;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the regions held at the end of a run: logs and divergent branches. Filled by one thread; can be saved and loaded. */
public final class Collected {
    private record Place(String mesh, String region) {}

    private static final String LOG = ".log";
    private static final String BRANCHES = ".branches";

    private final Map<Place, List<Envelope>> logs = new HashMap<>();
    private final Map<Place, List<Branch>> branches = new HashMap<>();

    public void put(String mesh, String region, List<Envelope> log, List<Branch> left) {
        logs.put(new Place(mesh, region), List.copyOf(log));
        branches.put(new Place(mesh, region), List.copyOf(left));
    }

    List<Envelope> log(String mesh, String region) {
        return logs.getOrDefault(new Place(mesh, region), List.of());
    }

    List<Branch> branches(String mesh, String region) {
        return branches.getOrDefault(new Place(mesh, region), List.of());
    }

    /** Two files for each mesh and region, MESH.REGION.log and .branches: length-delimited Envelope and Branch messages. */
    public void save(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (var log : logs.entrySet()) {
            save(folder, log.getKey(), LOG, log.getValue());
        }
        for (var list : branches.entrySet()) {
            save(folder, list.getKey(), BRANCHES, list.getValue());
        }
    }

    private static void save(Path folder, Place place, String suffix, List<? extends MessageLite> messages)
            throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file(folder, place, suffix)))) {
            for (MessageLite message : messages) {
                message.writeDelimitedTo(out);
            }
        }
    }

    /** Of those meshes and regions; what has no file was not collected. */
    public static Collected load(Path folder, Iterable<String> meshes, Iterable<String> regions) throws IOException {
        Collected collected = new Collected();
        for (String mesh : meshes) {
            for (String region : regions) {
                Place place = new Place(mesh, region);
                collected.put(
                        mesh,
                        region,
                        load(file(folder, place, LOG), Envelope.parser()),
                        load(file(folder, place, BRANCHES), Branch.parser()));
            }
        }
        return collected;
    }

    private static <T extends MessageLite> List<T> load(Path file, Parser<T> parser) throws IOException {
        List<T> messages = new ArrayList<>();
        if (Files.exists(file)) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                for (T message = parser.parseDelimitedFrom(in);
                        message != null;
                        message = parser.parseDelimitedFrom(in)) {
                    messages.add(message);
                }
            }
        }
        return messages;
    }

    private static Path file(Path folder, Place place, String suffix) {
        return folder.resolve(place.mesh() + "." + place.region() + suffix);
    }
}
