package io.meridian.compiler.internal.graph;

import java.util.Collection;
import java.util.List;

/**
 * A question that is answered by computing. Implemented by records: the components are the key, and nothing but them and what {@code view}
 * tells may be used. Total: an object that is not there has an answer too.
 *
 * @param <V> immutable, with value equality
 */
public interface Query<V> {
    V compute(Tracked view);

    /**
     * Whether the answer merely says which objects count. What is computed from these rests on them; that others were looked at to find them
     * is no part of it, as {@link Graph#behind} sees it.
     */
    default boolean isSurvey() {
        return false;
    }

    /** Facts from which its components were taken, where whoever asks did not leave it to the query to look them up. */
    default Collection<? extends Fact<?>> origins() {
        return List.of();
    }
}
