package io.meridian.compiler.internal.graph;

import org.jspecify.annotations.Nullable;

/** A fact or query that was asked, with its last answer. Mutable; belongs to one {@link Graph}. */
final class Node {
    private static final Node[] NONE = {};

    final Object key;

    /** Null until the first answer. */
    @Nullable
    Object value;

    /** What the query's computations leave for the next, for speed only. */
    @Nullable
    Object memo;

    /** The revision in which the answer last became another. */
    long changedAt;

    /** The revision up to which the answer is known to hold. */
    long verifiedAt;

    /** Whether something that it depends on, near or far, was touched since. */
    boolean suspect = true;

    boolean computing;

    /** What it looked up, in order: what came first may decide whether the rest still exists. Not to be written. */
    Node[] dependencies = NONE;

    /** How many {@link Answer}s hold it. */
    int holders;

    /** Hears whenever it becomes suspect. */
    @Nullable
    Runnable whenSuspect;

    /** Which pass over lists of nodes met it last. */
    private long mark;

    final Dependents dependents = new Dependents();

    Node(Object key) {
        this.key = key;
    }

    /** Whether {@code pass}, a number that was used for nothing else, meets it for the first time. */
    boolean isFirstMet(long pass) {
        boolean first = mark != pass;
        mark = pass;
        return first;
    }

    boolean wasMet(long pass) {
        return mark == pass;
    }

    boolean isOrphan() {
        return holders == 0 && dependents.isEmpty();
    }

    void clearDependencies() {
        dependencies = NONE;
    }

    /** Marks all that depends on it, near or far. What is marked already has its dependents marked. */
    void suspectDependents() {
        dependents.forEach(dependent -> {
            if (!dependent.suspect) {
                dependent.suspect = true;
                Runnable told = dependent.whenSuspect;
                if (told != null) {
                    told.run();
                }
                dependent.suspectDependents();
            }
        });
    }
}
