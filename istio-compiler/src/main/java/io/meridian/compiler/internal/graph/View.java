package io.meridian.compiler.internal.graph;

import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/** What a query sees during one computation. A query mostly looks up what it looked up the last time, in the same order, which saves finding it. */
final class View implements Tracked {
    /** How far ahead in the last computation's list a lookup is searched that was not the expected one. */
    private static final int LOOK_AHEAD = 4;

    private final Graph graph;
    private final Node[] expected;
    private final Class<?> way;
    private final long pass;
    private final @Nullable Object lastMemo;
    private final List<Node> seen;
    private int cursor;
    private @Nullable Object memo;
    /** What the pool gave out last: of its equals it is the only one, so that nobody has to compare it. */
    private @Nullable Object pooled;

    View(Graph graph, Node node, long pass) {
        this.graph = graph;
        this.expected = node.dependencies;
        this.way = node.key.getClass();
        this.pass = pass;
        this.lastMemo = node.memo;
        this.seen = new ArrayList<>(expected.length);
    }

    List<Node> seen() {
        return seen;
    }

    @Nullable
    Object memo() {
        return memo;
    }

    @SuppressWarnings("ReferenceEquality")
    boolean isSame(@Nullable Object before, Object now) {
        return before == now || (now != pooled && now.equals(before));
    }

    @Override
    @SuppressWarnings("unchecked") // a fact's node only ever holds what that fact tells
    public <V> V get(Fact<V> fact) {
        Node node = next(fact);
        if (node == null) {
            node = found(graph.factNode(fact));
        }
        return (V) Objects.requireNonNull(node.value);
    }

    @Override
    @SuppressWarnings("unchecked") // a query's node only ever holds what that query computed
    public <V> V get(Query<V> query) {
        Node node = next(query);
        if (node == null) {
            node = found(graph.queryNode(query));
        }
        graph.refresh(query, node);
        return (V) Objects.requireNonNull(node.value);
    }

    private @Nullable Node next(Object key) {
        if (cursor < expected.length && expected[cursor].key.equals(key)) {
            return see(expected[cursor++]);
        }
        return null;
    }

    @SuppressWarnings("ReferenceEquality") // nodes are what they are
    private Node found(Node node) {
        int end = Math.min(expected.length, cursor + LOOK_AHEAD);
        for (int i = cursor; i < end; i++) {
            if (expected[i] == node) {
                cursor = i + 1;
                break;
            }
        }
        return see(node);
    }

    private Node see(Node node) {
        if (node.isFirstMet(pass)) {
            seen.add(node);
        }
        return node;
    }

    @Override
    public XdsResource resource(XdsType type, String name, Fragment content) {
        return graph.pool().get(type, name, content);
    }

    @Override
    public <K extends Comparable<? super K>, V> PSortedMap<K, V> sorted(Map<K, V> entries) {
        return pooled(graph.pool().shared(SortedMaps.like(memo(PSortedMap.class), entries)));
    }

    @Override
    @SuppressWarnings("unchecked") // the memo is of a union of the same query
    public <K extends Comparable<? super K>, V> PSortedMap<K, V> union(List<PSortedMap<K, V>> parts) {
        SortedMaps.Union<K, V> last = (SortedMaps.Union<K, V>) memo(SortedMaps.Union.class);
        List<PSortedMap<K, V>> all =
                parts.stream().filter(part -> !part.isEmpty()).toList();
        PSortedMap<K, V> result = graph.pool().madeOf(SortedMaps.class, all, () -> SortedMaps.union(last, all));
        memo = new SortedMaps.Union<>(all, result);
        pooled = result;
        return result;
    }

    @Override
    public <V> V shared(V value) {
        return pooled(graph.pool().shared(value));
    }

    @Override
    public <V> V madeOf(List<?> parts, Supplier<V> make) {
        return pooled(graph.pool().madeOf(way, List.copyOf(parts), make));
    }

    private <V> V pooled(V value) {
        memo = value;
        pooled = value;
        return value;
    }

    private <T> @Nullable T memo(Class<T> type) {
        return type.isInstance(lastMemo) ? type.cast(lastMemo) : null;
    }
}
