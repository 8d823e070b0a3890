package io.meridian.model.position;

/**
 * A mesh's name, which is its identity: the log of a name goes on over the deletion and re-creation of its mesh.
 *
 * @param value a DNS label (RFC 1123): lower-case letters, digits and hyphens, at most 63
 */
public record MeshId(String value) implements Comparable<MeshId> {
    private static final int LONGEST = 63;

    /** Throws IllegalArgumentException unless {@link #isValid}. */
    public MeshId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not a mesh name (a DNS label of up to 63 characters): " + value);
        }
    }

    public static boolean isValid(String value) {
        int length = value.length();
        if (length == 0 || length > LONGEST || value.charAt(0) == '-' || value.charAt(length - 1) == '-') {
            return false;
        }
        // No pattern: each event that is read or received names its mesh.
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
                return false;
            }
        }
        return true;
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
