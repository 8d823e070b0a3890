package io.meridian.model.manifest;

import io.meridian.model.manifest.YamlNode.Mapping;
import io.meridian.model.manifest.YamlNode.Scalar;
import io.meridian.model.manifest.YamlNode.Sequence;
import io.meridian.model.mesh.RejectionCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code metadata} of an object, as a client writes it.
 *
 * @param resourceVersion of the object that the client saw
 */
record Metadata(
        String name,
        Optional<String> namespace,
        Map<String, String> labels,
        Map<String, String> annotations,
        Optional<String> resourceVersion) {

    /** The server's own, which come back when somebody applies what he got. */
    private static final Set<String> IGNORED = Set.of(
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "generation",
            "managedFields",
            "selfLink",
            "uid");

    private static final Set<String> READ = Set.of("name", "namespace", "labels", "annotations", "resourceVersion");
    /** Promises that would not be kept. */
    private static final Set<String> UNSUPPORTED = Set.of("finalizers", "ownerReferences");

    static Metadata read(Mapping metadata, Violations violations) {
        metadata.members().forEach((name, member) -> check(name, member, violations));
        String name = text(metadata, "name", violations).orElse("");
        boolean hasOther =
                metadata.get("generateName").isPresent() || metadata.get("name").isPresent();
        if (!hasOther || isEmptyText(metadata.get("name"))) {
            violations.add(RejectionCode.INVALID_NAME, "metadata.name", metadata.place(), "is required");
        }
        return new Metadata(
                name,
                text(metadata, "namespace", violations).filter(namespace -> !namespace.isEmpty()),
                strings(metadata, "labels", violations),
                strings(metadata, "annotations", violations),
                text(metadata, "resourceVersion", violations).filter(version -> !version.isEmpty()));
    }

    private static boolean isEmptyText(Optional<YamlNode> value) {
        return value.isPresent()
                && value.get() instanceof Scalar scalar
                && scalar.value().isTextual()
                && scalar.value().asText().isEmpty();
    }

    private static void check(String name, YamlNode.Member member, Violations violations) {
        String field = "metadata." + name;
        if (name.equals("generateName")) {
            violations.add(
                    RejectionCode.INVALID_NAME,
                    field,
                    member.place(),
                    "is not supported, since applying the file again would make another object: give metadata.name");
        } else if (UNSUPPORTED.contains(name)) {
            boolean empty = member.value() instanceof Sequence sequence
                    && sequence.items().isEmpty();
            if (!empty) {
                violations.add(RejectionCode.INVALID_FIELD, field, member.place(), "is not supported by this version");
            }
        } else if (!READ.contains(name) && !IGNORED.contains(name)) {
            violations.add(
                    RejectionCode.UNKNOWN_FIELD, field, member.place(), "unknown field \"" + name + "\" of metadata");
        }
    }

    private static Optional<String> text(Mapping metadata, String name, Violations violations) {
        Optional<YamlNode> value = metadata.get(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Scalar scalar && scalar.value().isTextual()) {
            return Optional.of(scalar.value().asText());
        }
        violations.add(
                RejectionCode.INVALID_FIELD,
                "metadata." + name,
                value.get().place(),
                "must be a string" + quoteHint(value.get()));
        return Optional.empty();
    }

    private static Map<String, String> strings(Mapping metadata, String name, Violations violations) {
        Map<String, String> result = new LinkedHashMap<>();
        Optional<YamlNode> value = metadata.get(name);
        if (value.isPresent() && !(value.get() instanceof Mapping)) {
            violations.add(
                    RejectionCode.INVALID_FIELD, "metadata." + name, value.get().place(), "must be a map of strings");
        }
        if (value.isPresent() && value.get() instanceof Mapping mapping) {
            mapping.members().forEach((key, member) -> {
                if (member.value() instanceof Scalar scalar && scalar.value().isTextual()) {
                    result.put(key, scalar.value().asText());
                } else {
                    violations.add(
                            RejectionCode.INVALID_FIELD,
                            "metadata." + name + "[" + key + "]",
                            member.place(),
                            "must be a string" + quoteHint(member.value()));
                }
            });
        }
        return result;
    }

    private static String quoteHint(YamlNode value) {
        return value instanceof Scalar scalar
                ? ", but " + scalar.value() + " is " + (scalar.value().isNull() ? "null" : "not one: put it in quotes")
                : "";
    }
}
