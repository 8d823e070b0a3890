package io.meridian.persistence;

import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.util.Optional;

/**
 * The names of logs in the journal: {@code mesh|<name>|e<epoch>} for a segment, {@code mesh|<name>|manifest} for the list of a mesh's
 * segments (docs/architecture.md). A mesh's name has no bar, so names never collide.
 */
public final class PersistenceIds {
    /** Stands before every log of a mesh. */
    public static final String PREFIX = "mesh|";

    private static final String MANIFEST = "|manifest";

    private PersistenceIds() {}

    /** The event with this id's sequence number n is the mesh's event {@code baseSeq + n}. */
    public static String segment(MeshId mesh, Epoch epoch) {
        return PREFIX + mesh.value() + "|e" + epoch.value();
    }

    public static String manifest(MeshId mesh) {
        return PREFIX + mesh.value() + MANIFEST;
    }

    /** The mesh of a segment's or manifest's id; empty for any other id. */
    public static Optional<MeshId> meshOf(String persistenceId) {
        int bar = persistenceId.lastIndexOf('|');
        if (!persistenceId.startsWith(PREFIX) || bar < PREFIX.length()) {
            return Optional.empty();
        }
        String name = persistenceId.substring(PREFIX.length(), bar);
        return MeshId.isValid(name) ? Optional.of(new MeshId(name)) : Optional.empty();
    }
}
