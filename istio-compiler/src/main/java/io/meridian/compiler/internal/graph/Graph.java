package io.meridian.compiler.internal.graph;

import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Answers queries and keeps the answers right. Confined to its compiler's thread.
 *
 * <p>Law: an {@link Answer} is what a new graph over the same store would answer. Its memory is bounded by what the held answers rest on:
 * everything else is forgotten at once.
 */
public final class Graph {
    private final Store store;
    private final ResourcePool pool;
    private final Map<Object, Node> nodes = new HashMap<>();
    /** Those that may have lost their last dependent during the call that is going on. */
    private final Deque<Node> orphans = new ArrayDeque<>();

    private long revision;
    private long computations;
    private long passes;

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
                if (!fact.isSame(node.value, now)) {
                    node.value = now;
                    node.changedAt = revision;
                    node.suspectDependents();
                }
            }
        }
    }

    /** Asks, and goes on holding the answer. */
    public <V> Answer<V> hold(Query<V> query) {
        Node node = queryNode(query);
        node.holders++;
        return new Answer<>(this, query, node);
    }

    /** As {@link #hold(Query)}. {@code whenSuspect}: runs during {@link #advance} whenever the answer may have become another; must not ask. */
    public <V> Answer<V> hold(Query<V> query, Runnable whenSuspect) {
        Answer<V> answer = hold(query);
        answer.node().whenSuspect = whenSuspect;
        return answer;
    }

    void release(Node node) {
        node.holders--;
        if (node.isOrphan()) {
            orphans.add(node);
            forgetOrphans();
        }
    }

    void refreshHeld(Query<?> query, Node node) {
        try {
            refresh(query, node);
        } finally {
            forgetOrphans();
        }
    }

    /**
     * The rows, of objects that are there, behind a part of an answer: those that the queries looked up, near or far, whose answers
     * {@code made} recognises as that part. What a survey looked up through other queries is left out. Costs a walk over all that {@code root} rests
     * on.
     */
    public Set<Fact.Row<?, ?>> behind(Answer<?> root, Predicate<Object> made) {
        Set<Fact.Row<?, ?>> rows = Trace.rows(root.node(), made);
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

    ResourcePool pool() {
        return pool;
    }

    /** For tests. */
    Collection<Node> nodes() {
        return nodes.values();
    }

    Node queryNode(Query<?> query) {
        return nodes.computeIfAbsent(query, Node::new);
    }

    Node factNode(Fact<?> fact) {
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

    void refresh(Query<?> query, Node node) {
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
            if (dependency.suspect && dependency.key instanceof Query<?> query) {
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
        View view = new View(this, node, ++passes);
        boolean done = false;
        try {
            Object now = query.compute(view);
            if (!view.isSame(node.value, now)) {
                node.value = now;
                node.changedAt = revision;
            }
            node.memo = view.memo();
            dependOn(node, view.seen());
            done = true;
        } finally {
            node.computing = false;
            if (!done) {
                // Nobody will ever come for what only this asked for.
                view.seen().forEach(this::addIfOrphan);
                addIfOrphan(node);
            }
        }
    }

    private void dependOn(Node node, List<Node> now) {
        Node[] before = node.dependencies;
        if (isSameList(before, now)) {
            return;
        }
        long pass = ++passes;
        for (Node old : before) {
            old.isFirstMet(pass);
        }
        long kept = ++passes;
        for (Node dependency : now) {
            if (!dependency.wasMet(pass)) {
                dependency.dependents.add(node);
            }
            dependency.isFirstMet(kept);
        }
        for (Node old : before) {
            if (!old.wasMet(kept)) {
                old.dependents.remove(node);
                addIfOrphan(old);
            }
        }
        node.dependencies = now.toArray(Node[]::new);
    }

    @SuppressWarnings("ReferenceEquality") // nodes are what they are
    private static boolean isSameList(Node[] before, List<Node> now) {
        if (before.length != now.size()) {
            return false;
        }
        for (int i = 0; i < before.length; i++) {
            if (before[i] != now.get(i)) {
                return false;
            }
        }
        return true;
    }

    private void addIfOrphan(Node node) {
        if (node.isOrphan()) {
            orphans.add(node);
        }
    }

    /** Not before the outermost call is over: until then somebody may ask for them again. */
    private void forgetOrphans() {
        for (Node node = orphans.poll(); node != null; node = orphans.poll()) {
            if (node.isOrphan() && nodes.remove(node.key, node)) {
                for (Node dependency : node.dependencies) {
                    dependency.dependents.remove(node);
                    addIfOrphan(dependency);
                }
                node.clearDependencies();
            }
        }
    }
}
