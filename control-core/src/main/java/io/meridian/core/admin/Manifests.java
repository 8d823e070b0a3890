package io.meridian.core.admin;

import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.type.v1.Finding;
import io.meridian.core.rpc.Errors;
import io.meridian.model.manifest.Document;
import io.meridian.model.manifest.ManifestReader;
import io.meridian.model.manifest.Place;
import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The documents of all manifests of one request; and where in them something stands that the core speaks of. */
final class Manifests {
    /** Of one request, all manifests together. */
    static final int MAX_BYTES = ManifestReader.MAX_BYTES;

    static final int MAX_MANIFESTS = 1_000;
    private static final String DEFAULT_NAMESPACE = "default";

    private final List<Document> docs;

    private Manifests(List<Document> docs) {
        this.docs = docs;
    }

    /** Refuses all of them, with everything that is wrong, if one cannot be read. */
    static Manifests read(List<Manifest> manifests, String defaultNamespace) {
        checkSize(manifests);
        String namespace = namespace(defaultNamespace);
        List<Document> docs = new ArrayList<>();
        List<Violation> violations = new ArrayList<>();
        for (int i = 0; i < manifests.size(); i++) {
            Manifest manifest = manifests.get(i);
            String source = manifest.getSource().isEmpty() ? "manifests[" + i + "]" : manifest.getSource();
            var read = ManifestReader.read(source, manifest.getContent().toByteArray(), namespace);
            docs.addAll(read.docs());
            violations.addAll(read.violations());
        }
        if (!violations.isEmpty()) {
            throw Errors.rejected(violations);
        }
        return new Manifests(docs);
    }

    static Manifests none() {
        return new Manifests(List.of());
    }

    static String namespace(String defaultNamespace) {
        if (defaultNamespace.isEmpty()) {
            return DEFAULT_NAMESPACE;
        }
        if (!MeshId.isValid(defaultNamespace)) {
            throw Errors.invalid(
                    "default_namespace", "\"" + defaultNamespace + "\" is not a namespace's name (a DNS label)");
        }
        return defaultNamespace;
    }

    private static void checkSize(List<Manifest> manifests) {
        if (manifests.size() > MAX_MANIFESTS) {
            throw tooLarge("has " + manifests.size() + " manifests; at most " + MAX_MANIFESTS);
        }
        long bytes = manifests.stream()
                .mapToLong(manifest -> manifest.getContent().size())
                .sum();
        if (bytes > MAX_BYTES) {
            throw tooLarge("have " + bytes + " bytes; at most " + MAX_BYTES + " (3 MiB)");
        }
    }

    private static RuntimeException tooLarge(String what) {
        return Errors.rejected(List.of(new Violation(
                RejectionCode.TOO_LARGE, "", "manifests", what + " are allowed in one request, split it")));
    }

    boolean isEmpty() {
        return docs.isEmpty();
    }

    List<ResourceIntent> puts() {
        List<ResourceIntent> puts = new ArrayList<>();
        docs.forEach(doc -> {
            if (doc instanceof Document.ResourceDocument resource) {
                puts.add(resource.put());
            }
        });
        return puts;
    }

    List<ResourceIntent> deletes() {
        List<ResourceIntent> deletes = new ArrayList<>();
        docs.forEach(doc -> {
            if (doc instanceof Document.ResourceDocument resource) {
                deletes.add(resource.delete());
            }
        });
        return deletes;
    }

    List<Document.NamespaceDocument> namespaces() {
        List<Document.NamespaceDocument> namespaces = new ArrayList<>();
        docs.forEach(doc -> {
            if (doc instanceof Document.NamespaceDocument namespace) {
                namespaces.add(namespace);
            }
        });
        return namespaces;
    }

    /** With line and column where the field of a document is meant. */
    List<Violation> placed(List<Violation> violations) {
        return violations.stream().map(this::placed).toList();
    }

    private Violation placed(Violation violation) {
        return place(violation.origin(), violation.object(), violation.field())
                .map(place -> new Violation(
                        violation.code(),
                        violation.object(),
                        violation.field(),
                        place + ": " + violation.message(),
                        new Origin(violation.origin().source(), place.line())))
                .orElse(violation);
    }

    /** As {@link #placed(List)}; a finding whose origin nobody noted gets that of the object's document. */
    Finding placed(Finding finding) {
        for (Document doc : docs) {
            boolean isIt = named(doc, finding.getObject())
                    && (finding.getLine() == 0
                            || doc.origin().equals(new Origin(finding.getSource(), finding.getLine())));
            if (isIt) {
                Place place = doc.locate(finding.getField());
                return finding.toBuilder()
                        .setSource(doc.origin().source())
                        .setLine(place.line())
                        .setColumn(place.column())
                        .build();
            }
        }
        return finding;
    }

    private Optional<Place> place(Origin origin, String object, String field) {
        return docs.stream()
                .filter(doc -> doc.origin().equals(origin) && named(doc, object))
                .findFirst()
                .map(doc -> doc.locate(field));
    }

    private static boolean named(Document doc, String object) {
        return switch (doc) {
            case Document.ResourceDocument resource ->
                resource.put().key().toString().equals(object);
            case Document.NamespaceDocument namespace -> ("namespace " + namespace.name()).equals(object);
        };
    }
}
