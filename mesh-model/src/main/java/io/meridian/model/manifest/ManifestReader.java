package io.meridian.model.manifest;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.manifest.Document.NamespaceDocument;
import io.meridian.model.manifest.Document.ResourceDocument;
import io.meridian.model.manifest.YamlNode.Mapping;
import io.meridian.model.manifest.YamlNode.Scalar;
import io.meridian.model.manifest.YamlNode.Sequence;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.resource.CanonicalJson;
import io.meridian.model.resource.ResourceKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads YAML and JSON of one or many documents, as {@code kubectl apply -f} does. Plain scalars mean what they mean to kubectl, see
 * {@link YamlScalars}; {@code kind: List} is taken apart; {@code status} is dropped. Never throws for any bytes.
 */
public final class ManifestReader {
    public static final int MAX_BYTES = 3 << 20;

    private static final Set<String> TOP_LEVEL = Set.of("apiVersion", "kind", "metadata", "spec", "status");

    private final String defaultNamespace;
    private final String source;
    private final Violations violations;
    private final List<Document> docs = new ArrayList<>();

    private ManifestReader(String source, String defaultNamespace) {
        this.source = source;
        this.defaultNamespace = defaultNamespace;
        this.violations = new Violations(source);
    }

    /**
     * @param source the file's name for messages
     * @param defaultNamespace of objects that name none
     */
    public static Manifest read(String source, byte[] content, String defaultNamespace) {
        ManifestReader reader = new ManifestReader(source, defaultNamespace);
        reader.readAll(content);
        return new Manifest(reader.docs, reader.violations.all());
    }

    private void readAll(byte[] content) {
        try {
            YamlReader yaml = new YamlReader(decode(content));
            for (Optional<YamlNode> doc = yaml.next(); doc.isPresent(); doc = yaml.next()) {
                violations.about("");
                readDocument(doc.get());
            }
        } catch (YamlException e) {
            violations.about("");
            violations.add(e.code(), "", e.place(), e.sentence());
        }
    }

    private static String decode(byte[] content) throws YamlException {
        if (content.length > MAX_BYTES) {
            throw new YamlException(
                    RejectionCode.TOO_LARGE,
                    new Place(1, 1),
                    "the manifest has " + content.length + " bytes, at most " + MAX_BYTES + " (3 MiB) are allowed");
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new YamlException(
                    RejectionCode.MALFORMED_MANIFEST,
                    placeOf(content, bytes.position()),
                    "the manifest is not UTF-8: byte " + bytes.position() + " cannot be decoded");
        }
    }

    private static Place placeOf(byte[] content, int position) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < position; i++) {
            line += content[i] == '\n' ? 1 : 0;
            column = content[i] == '\n' ? 1 : column + 1;
        }
        return new Place(line, column);
    }

    private void readDocument(YamlNode doc) {
        switch (doc) {
            case Mapping object -> readObject(object);
            case Scalar scalar when scalar.value().isNull() -> {}
            case Scalar scalar -> notAnObject(scalar);
            case Sequence sequence -> notAnObject(sequence);
        }
    }

    private void notAnObject(YamlNode doc) {
        violations.add(
                RejectionCode.MALFORMED_MANIFEST,
                "",
                doc.place(),
                "a document must be an object with apiVersion, kind, metadata and spec");
    }

    private void readObject(Mapping object) {
        String apiVersion = requiredText(object, "apiVersion");
        String kind = requiredText(object, "kind");
        if (apiVersion.isEmpty() || kind.isEmpty()) {
            return;
        }
        Optional<YamlNode> items = object.get("items");
        if (kind.endsWith("List") && items.isPresent() && items.get() instanceof Sequence sequence) {
            sequence.items().forEach(item -> {
                violations.about("");
                readDocument(item);
            });
            return;
        }
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        boolean namespace = group.isEmpty() && kind.equals("Namespace");
        violations.about(describe(kind, object, namespace));
        Optional<Metadata> metadata = metadata(object);
        Optional<Mapping> spec = spec(object);
        if (namespace || IstioKinds.find(group, kind).isPresent()) {
            checkTopLevel(object);
        }
        if (metadata.isEmpty() || spec.isEmpty()) {
            return;
        }
        docs.add(
                namespace
                        ? namespaceDocument(object, metadata.get())
                        : resourceDocument(object, group, kind, apiVersion, metadata.get(), spec.get()));
    }

    /** For messages, as far as it can be read: "VirtualService default/reviews". */
    private String describe(String kind, Mapping object, boolean namespaced) {
        Optional<Mapping> metadata =
                object.get("metadata").filter(Mapping.class::isInstance).map(Mapping.class::cast);
        String name = metadata.flatMap(mapping -> text(mapping, "name")).orElse("?");
        String namespace =
                metadata.flatMap(mapping -> text(mapping, "namespace")).orElse(defaultNamespace);
        return namespaced ? kind + " " + name : kind + " " + namespace + "/" + name;
    }

    private static Optional<String> text(Mapping mapping, String name) {
        return mapping.get(name)
                .filter(value ->
                        value instanceof Scalar scalar && scalar.value().isTextual())
                .map(value -> ((Scalar) value).value().asText());
    }

    private String requiredText(Mapping object, String name) {
        Optional<String> value = text(object, name).filter(text -> !text.isEmpty());
        if (value.isEmpty()) {
            violations.add(
                    RejectionCode.MALFORMED_MANIFEST,
                    name,
                    object.get(name).map(YamlNode::place).orElse(object.place()),
                    name + " is required and must be a string");
        }
        return value.orElse("");
    }

    private Optional<Metadata> metadata(Mapping object) {
        Optional<YamlNode> metadata = object.get("metadata");
        if (metadata.isPresent() && metadata.get() instanceof Mapping mapping) {
            return Optional.of(Metadata.read(mapping, violations));
        }
        violations.add(
                RejectionCode.INVALID_FIELD,
                "metadata",
                metadata.map(YamlNode::place).orElse(object.place()),
                "metadata is required and must be an object with a name");
        return Optional.empty();
    }

    private Optional<Mapping> spec(Mapping object) {
        Optional<YamlNode> spec = object.get("spec");
        if (spec.isEmpty()) {
            return Optional.of(YamlNode.emptyMapping(object.place()));
        }
        if (spec.get() instanceof Mapping mapping) {
            return Optional.of(mapping);
        }
        violations.add(RejectionCode.INVALID_FIELD, "spec", spec.get().place(), "spec must be an object");
        return Optional.empty();
    }

    private void checkTopLevel(Mapping object) {
        object.members().forEach((name, member) -> {
            if (!TOP_LEVEL.contains(name)) {
                violations.add(
                        RejectionCode.UNKNOWN_FIELD,
                        name,
                        member.place(),
                        "unknown field \"" + name + "\"; an object has apiVersion, kind, metadata and spec");
            }
        });
    }

    private NamespaceDocument namespaceDocument(Mapping object, Metadata metadata) {
        NamespaceSpec spec = NamespaceSpec.newBuilder()
                .putAllLabels(metadata.labels())
                .putAllAnnotations(metadata.annotations())
                .build();
        return new NamespaceDocument(metadata.name(), spec, origin(object), new Document.Source(object));
    }

    private ResourceDocument resourceDocument(
            Mapping object, String group, String kind, String apiVersion, Metadata metadata, Mapping spec) {
        ResourceKey key = new ResourceKey(group, kind, metadata.namespace().orElse(defaultNamespace), metadata.name());
        ByteString json = CanonicalJson.write(spec.toJson());
        MeshCommand.Put put = new MeshCommand.Put(
                key,
                origin(object),
                apiVersion,
                metadata.labels(),
                metadata.annotations(),
                json,
                metadata.resourceVersion());
        return new ResourceDocument(put, new Document.Source(object));
    }

    private Origin origin(Mapping object) {
        return new Origin(source, object.place().line());
    }
}
