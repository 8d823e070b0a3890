package io.meridian.model.mesh;

import java.util.List;

/** The Istio minor versions that a mesh can have, and which follows which. */
public final class SupportedVersions {
    /** Ascending. */
    public static final List<String> ALL = List.of("1.25", "1.26", "1.27");

    /** What a new mesh gets. */
    public static final String NEWEST = ALL.getLast();

    private SupportedVersions() {}

    public static boolean contains(String version) {
        return ALL.contains(version);
    }

    /** How many minor versions {@code to} is ahead of {@code from}; negative if behind. Both must be supported. */
    static int minorsAhead(String from, String to) {
        return ALL.indexOf(to) - ALL.indexOf(from);
    }
}
