package io.meridian.compiler.internal.graph;

import com.google.protobuf.ByteString;
import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.pcollections.PSortedMap;

/** All that a query may know besides its own components; it remembers what was asked. Valid during the computation only. */
public interface Tracked {
    <V> V get(Fact<V> fact);

    <V> V get(Query<V> query);

    default <K, V> Optional<V> row(Table<K, V> table, K key) {
        return get(table.row(key));
    }

    default <K, E extends Comparable<? super E>, V> PSortedMap<E, V> bucket(Index<K, E, V> index, K key) {
        return get(index.bucket(key));
    }

    /** The one instance with this content. */
    XdsResource resource(XdsType type, String name, Fragment content);

    /** The one instance with these bytes, undivided. */
    default XdsResource resource(XdsType type, String name, ByteString message) {
        return resource(type, name, Fragment.of(message));
    }

    /** The one instance that is equal to {@code value}, so that what is equal can be told by identity. */
    <V> V shared(V value);

    /**
     * The one instance that queries of this class made of these very objects, which are told by identity.
     *
     * @param make a function of {@code parts} alone
     */
    <V> V madeOf(List<?> parts, Supplier<V> make);

    /**
     * The one map of all entries of {@code parts}, which have no key in common and are {@link #shared} or made of what is. Made from the query's last
     * union, if there was one, in steps of the parts that are others: once per computation.
     */
    <K extends Comparable<? super K>, V> PSortedMap<K, V> union(List<PSortedMap<K, V>> parts);

    /** The one instance of an equal map; made from the query's last answer, if that was a map, which is only a matter of speed. */
    <K extends Comparable<? super K>, V> PSortedMap<K, V> sorted(Map<K, V> entries);
}
