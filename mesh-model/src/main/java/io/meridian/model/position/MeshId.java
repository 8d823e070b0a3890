package io.meridian.model.position;

import java.util.regex.Pattern;

/**
 * A mesh's name, which is its identity: the log of a name goes on over the deletion and re-creation of its mesh.
 *
 * @param value a DNS label (RFC 1123): lower-case letters, digits and hyphens, at most 63
 */
public record MeshId(String value) implements Comparable<MeshId> {
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** Throws IllegalArgumentException unless {@link #isValid}. */
    public MeshId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not a mesh name (a DNS label of up to 63 characters): " + value);
        }
    }

    public static boolean isValid(String value) {
        return DNS_LABEL.matcher(value).matches();
    }

    @Override
    public int compareTo(MeshId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
