package io.meridian.compiler.internal.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A set of nodes by identity: most have few, a few have very many. Mutable. */
final class Dependents {
    private static final int MAX_LISTED = 12;
    private static final @Nullable Node[] NONE = {};

    /** The first {@link #size}; unused once there is {@link #many}. */
    private @Nullable Node[] few = NONE;

    private int size;
    private @Nullable Set<Node> many;

    void add(Node node) {
        if (many != null) {
            many.add(node);
            return;
        }
        if (indexOf(node) >= 0) {
            return;
        }
        if (size == MAX_LISTED) {
            Set<Node> all = Collections.newSetFromMap(new IdentityHashMap<>(2 * MAX_LISTED));
            forEach(all::add);
            all.add(node);
            many = all;
            few = NONE;
            size = 0;
            return;
        }
        if (size == few.length) {
            few = Arrays.copyOf(few, size == 0 ? 1 : Math.min(MAX_LISTED, 2 * size));
        }
        few[size++] = node;
    }

    void remove(Node node) {
        if (many != null) {
            many.remove(node);
            return;
        }
        int at = indexOf(node);
        if (at >= 0) {
            few[at] = few[--size];
            few[size] = null;
        }
    }

    boolean isEmpty() {
        return many == null ? size == 0 : many.isEmpty();
    }

    void forEach(Consumer<Node> action) {
        if (many != null) {
            many.forEach(action);
            return;
        }
        for (int i = 0; i < size; i++) {
            Node node = few[i];
            if (node != null) {
                action.accept(node);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // nodes are what they are
    private int indexOf(Node node) {
        for (int i = 0; i < size; i++) {
            if (few[i] == node) {
                return i;
            }
        }
        return -1;
    }
}
