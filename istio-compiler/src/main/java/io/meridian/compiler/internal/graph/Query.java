package io.meridian.compiler.internal.graph;

/**
 * A question that is answered by computing. Implemented by records: the components are the key, and nothing but them and what {@code view}
 * tells may be used. Total: an object that is not there has an answer too.
 *
 * @param <V> immutable, with value equality
 */
public interface Query<V> {
    V compute(Tracked view);
}
