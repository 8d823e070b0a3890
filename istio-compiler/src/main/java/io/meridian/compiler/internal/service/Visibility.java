package io.meridian.compiler.internal.service;

import java.util.List;

/** The meaning of {@code exportTo}. */
public final class Visibility {
    private Visibility() {}

    /** Whether the objects of {@code owner} with that exportTo are seen in {@code client}. Empty: by all, the mesh's default. */
    public static boolean isVisible(List<String> exportTo, String owner, String client) {
        if (exportTo.isEmpty() || exportTo.contains("*") || exportTo.contains(client)) {
            return true;
        }
        return exportTo.contains(".") && owner.equals(client);
    }
}
