package io.meridian.model.manifest;

import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.Violation;
import java.util.List;
import java.util.Optional;

/**
 * What a file says.
 *
 * @param docs in the order of the file; where there are violations, those that could be read
 * @param violations if any, the file as a whole is to be refused
 */
public record Manifest(List<Document> docs, List<Violation> violations) {
    public Manifest {
        docs = List.copyOf(docs);
        violations = List.copyOf(violations);
    }

    /** The intents to apply its resources. */
    public List<ResourceIntent> puts() {
        return docs.stream()
                .filter(Document.ResourceDocument.class::isInstance)
                .<ResourceIntent>map(doc -> ((Document.ResourceDocument) doc).put())
                .toList();
    }

    /** The intents to delete its resources. */
    public List<ResourceIntent> deletes() {
        return docs.stream()
                .filter(Document.ResourceDocument.class::isInstance)
                .<ResourceIntent>map(doc -> ((Document.ResourceDocument) doc).delete())
                .toList();
    }

    /** The exact place of a field of the document that begins at {@code origin}; empty if none does. */
    public Optional<Place> locate(Origin origin, String fieldPath) {
        return docs.stream()
                .filter(doc -> doc.origin().equals(origin))
                .findFirst()
                .map(doc -> doc.locate(fieldPath));
    }
}
