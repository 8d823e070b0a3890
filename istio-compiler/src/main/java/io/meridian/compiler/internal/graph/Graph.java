package io.meridian.compiler.internal.graph;

import com.google.protobuf.ByteString;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * Answers queries and keeps the answers right. Confined to its compiler's thread.
 *
 * <p>Law: {@link #ask} answers as a new graph over the same store would.
 */
public final class Graph {
    private final Store store;
    private final ResourcePool pool;
    private final Map<Object, Node> nodes = new HashMap<>();
    private long revision;
    private long computations;

    public Graph(Store store, Position start) {
        this.store = store;
        this.pool = new ResourcePool(start);
    }

    /** Takes note of what was touched in the store. {@code position}: of what the store tells now. */
    public void advance(Position position) {
        revision++;
        pool.advance(position);
        for (Fact<?> fact : store.takeTouched()) {
            Node node = nodes.get(fact);
            if (node != null) {
                Object now = fact.read(store);
                if (!now.equals(node.value)) {
                    node.value = now;
                    node.changedAt = revision;
                    node.suspectDependents();
                }
            }
        }
    }

    public <V> V ask(Query<V> query) {
        return answer(query, queryNode(query));
    }

    /**
     * The rows, of objects that are there, behind a part of the answer to {@code root}, which was asked before: those that the queries looked up, near or far, whose answers
     * {@code made} recognises as that part. What a survey looked up through other queries is left out. Costs a walk over all that {@code root} rests on.
     */
    public Set<Fact.Row<?, ?>> behind(Query<?> root, Predicate<Object> made) {
        Node node = nodes.get(root);
        if (node == null) {
            return Set.of();
        }
        Set<Fact.Row<?, ?>> rows = Trace.rows(node, made);
        rows.removeIf(row -> row.read(store).isEmpty());
        return rows;
    }

    /** How many queries were computed so far: what tests and benchmarks count. */
    public long computations() {
        return computations;
    }

    /** How many facts and queries are remembered. */
    public int size() {
        return nodes.size();
    }

    /** Forgets all that the answers to {@code roots} do not rest on. */
    public void retain(Collection<? extends Query<?>> roots) {
        Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Node> open = new ArrayDeque<>();
        for (Query<?> root : roots) {
            Node node = nodes.get(root);
            if (node != null && live.add(node)) {
                open.add(node);
            }
        }
        while (!open.isEmpty()) {
            for (Node dependency : open.remove().dependencies) {
                if (live.add(dependency)) {
                    open.add(dependency);
                }
            }
        }
        nodes.values().removeIf(node -> {
            boolean dead = !live.contains(node);
            if (dead) {
                node.forget();
            }
            return dead;
        });
        pool.trim();
    }

    // A query's node only ever holds what that query computed.
    @SuppressWarnings("unchecked")
    private <V> V answer(Query<V> query, Node node) {
        refresh(query, node);
        return (V) Objects.requireNonNull(node.value);
    }

    private Node queryNode(Query<?> query) {
        return nodes.computeIfAbsent(query, Node::new);
    }

    private Node factNode(Fact<?> fact) {
        Node known = nodes.get(fact);
        if (known != null) {
            return known;
        }
        Node node = new Node(fact);
        node.value = fact.read(store);
        node.changedAt = revision;
        node.suspect = false;
        nodes.put(fact, node);
        return node;
    }

    private void refresh(Query<?> query, Node node) {
        if (!node.suspect) {
            return;
        }
        if (node.computing) {
            throw new IllegalStateException("a query depends on itself: " + query);
        }
        if (node.value == null || !holds(node)) {
            compute(query, node);
        }
        node.suspect = false;
        node.verifiedAt = revision;
    }

    private boolean holds(Node node) {
        for (Node dependency : node.dependencies) {
            if (dependency.key instanceof Query<?> query) {
                refresh(query, dependency);
            }
            if (dependency.changedAt > node.verifiedAt) {
                return false;
            }
        }
        return true;
    }

    private void compute(Query<?> query, Node node) {
        computations++;
        node.computing = true;
        View view = new View(node.value);
        try {
            Object now = query.compute(view);
            if (!now.equals(node.value)) {
                node.value = now;
                node.changedAt = revision;
            }
            node.dependOn(view.seen);
        } finally {
            node.computing = false;
        }
    }

    private final class View implements Tracked {
        private final @Nullable Object lastAnswer;
        private final Set<Node> seen = new LinkedHashSet<>();

        View(@Nullable Object lastAnswer) {
            this.lastAnswer = lastAnswer;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <V> V get(Fact<V> fact) {
            Node node = factNode(fact);
            seen.add(node);
            return (V) Objects.requireNonNull(node.value);
        }

        @Override
        public <V> V get(Query<V> query) {
            Node node = queryNode(query);
            seen.add(node);
            return answer(query, node);
        }

        @Override
        public XdsResource resource(XdsType type, String name, ByteString message) {
            return pool.get(type, name, message);
        }

        @Override
        public <K extends Comparable<? super K>, V> PSortedMap<K, V> sorted(Map<K, V> entries) {
            return shared(SortedMaps.like(lastAnswer, entries));
        }

        @Override
        public <V> V shared(V value) {
            return pool.shared(value);
        }
    }
}
