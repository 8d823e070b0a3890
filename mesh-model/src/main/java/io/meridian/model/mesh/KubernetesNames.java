package io.meridian.model.mesh;

import io.meridian.model.position.MeshId;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Kubernetes' rules for names, labels and annotations (k8s.io docs: "Object Names and IDs", "Labels and Selectors", "Annotations").
 */
final class KubernetesNames {
    static final int MAX_ANNOTATION_BYTES = 256 * 1024;

    private static final int MAX_LABEL_CHARS = 63;
    private static final int MAX_PREFIX_CHARS = 253;
    private static final Pattern LABEL_PART = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private KubernetesNames() {}

    static void requireDnsLabel(Violations violations, String name) {
        if (!MeshId.isValid(name)) {
            violations.add(
                    RejectionCode.INVALID_NAME,
                    "name",
                    "'" + name + "' is not a DNS label: 1 to 63 lower-case letters, digits and '-', with a letter or"
                            + " digit first and last");
        }
    }

    static void requireLabels(Violations violations, String field, Map<String, String> labels) {
        labels.keySet().stream().sorted().forEach(key -> {
            requireKey(violations, field, key);
            violations.require(
                    isLabelValue(labels.getOrDefault(key, "")),
                    field + "[" + key + "]",
                    () -> "'" + labels.get(key) + "' is not a label value: empty, or up to 63 letters, digits, '-', '_'"
                            + " and '.', with a letter or digit first and last");
        });
    }

    static void requireAnnotations(Violations violations, String field, Map<String, String> annotations) {
        annotations.keySet().stream().sorted().forEach(key -> requireKey(violations, field, key));
        long bytes = annotations.entrySet().stream()
                .mapToLong(entry ->
                        (long) entry.getKey().length() + entry.getValue().length())
                .sum();
        violations.require(
                bytes <= MAX_ANNOTATION_BYTES,
                field,
                () -> "annotations have " + bytes + " characters in all; at most " + MAX_ANNOTATION_BYTES
                        + " are allowed");
    }

    static boolean isLabelValue(String value) {
        return value.isEmpty()
                || (value.length() <= MAX_LABEL_CHARS
                        && LABEL_PART.matcher(value).matches());
    }

    private static void requireKey(Violations violations, String field, String key) {
        violations.require(
                isQualifiedName(key),
                field + "[" + key + "]",
                () -> "'" + key + "' is not a key: up to 63 letters, digits, '-', '_' and '.', with a letter or digit"
                        + " first and last, optionally after a DNS subdomain and '/'");
    }

    private static boolean isQualifiedName(String key) {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        boolean prefixed = slash < 0
                || (slash <= MAX_PREFIX_CHARS
                        && SUBDOMAIN.matcher(key.substring(0, slash)).matches());
        return prefixed
                && name.length() <= MAX_LABEL_CHARS
                && LABEL_PART.matcher(name).matches();
    }
}
