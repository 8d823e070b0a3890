package io.meridian.model.manifest;

import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.Origin;
import java.util.Optional;

/** One object of a manifest. */
public sealed interface Document {
    /** Where it begins. */
    Origin origin();

    /** The place of a field ("spec.http[0].route"), or of the nearest thing around it that is written. */
    Place locate(String fieldPath);

    /** An object that is to be a resource of the mesh, of whatever kind: {@code IstioRules} judges that. */
    record ResourceDocument(MeshCommand.Put put, Source tree) implements Document {
        @Override
        public Origin origin() {
            return put.origin();
        }

        @Override
        public Place locate(String fieldPath) {
            return tree.locate(fieldPath);
        }

        /** Its removal, as {@code delete -f} means it: whatever its version is by now. */
        public MeshCommand.Delete delete() {
            return new MeshCommand.Delete(put.key(), put.origin(), Optional.empty());
        }
    }

    /** A Kubernetes Namespace, which is no resource but a part of the mesh itself. */
    record NamespaceDocument(String name, NamespaceSpec spec, Origin origin, Source tree) implements Document {
        @Override
        public Place locate(String fieldPath) {
            return tree.locate(fieldPath);
        }
    }

    /** The written form, for {@link #locate}. */
    final class Source {
        private final YamlNode root;

        Source(YamlNode root) {
            this.root = root;
        }

        Place locate(String fieldPath) {
            return FieldPath.locate(root, fieldPath);
        }
    }
}
