package io.meridian.compiler.internal.graph;

import java.util.Objects;

/**
 * A query that is kept answered: asked again and again without looking it up. What nobody holds, and no answer that is held rests on, is forgotten.
 * Confined to its graph's thread.
 */
public final class Answer<V> implements AutoCloseable {
    private final Graph graph;
    private final Query<V> query;
    private final Node node;

    Answer(Graph graph, Query<V> query, Node node) {
        this.graph = graph;
        this.query = query;
        this.node = node;
    }

    /** The answer as of the last {@link Graph#advance}; the same instance as long as it is equal. */
    // A query's node only ever holds what that query computed.
    @SuppressWarnings("unchecked")
    public V get() {
        if (node.suspect) {
            graph.refreshHeld(query, node);
        }
        return (V) Objects.requireNonNull(node.value);
    }

    /** Once; it must not be asked after that. */
    @Override
    public void close() {
        graph.release(node);
    }

    Node node() {
        return node;
    }
}
