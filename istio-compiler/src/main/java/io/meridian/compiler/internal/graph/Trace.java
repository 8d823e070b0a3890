package io.meridian.compiler.internal.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Reads the record of who looked at what backwards: from an answer to what it was made of. */
final class Trace {
    private final Set<Node> visited = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Node> open = new ArrayDeque<>();

    private Trace() {}

    /** The rows that what {@code made} recognises was made of, wherever below {@code root} it was made. */
    static Set<Fact.Row<?, ?>> rows(Node root, Predicate<Object> made) {
        Set<Fact.Row<?, ?>> rows = new LinkedHashSet<>();
        Trace trace = new Trace();
        makers(root, made).forEach(trace::add);
        while (!trace.open.isEmpty()) {
            trace.follow(trace.open.remove(), rows);
        }
        return rows;
    }

    /** The answers that it is, and no answer that they looked up is. */
    private static List<Node> makers(Node root, Predicate<Object> made) {
        List<Node> makers = new ArrayList<>();
        Trace trace = new Trace();
        trace.add(root);
        while (!trace.open.isEmpty()) {
            Node node = trace.open.remove();
            boolean madeBelow = false;
            for (Node dependency : node.dependencies) {
                madeBelow |= isMade(dependency, made);
                trace.add(dependency);
            }
            if (!madeBelow && isMade(node, made)) {
                makers.add(node);
            }
        }
        return makers;
    }

    private static boolean isMade(Node node, Predicate<Object> made) {
        Object value = node.value;
        return node.key instanceof Query<?> && value != null && made.test(value);
    }

    private void add(Node node) {
        if (visited.add(node)) {
            open.add(node);
        }
    }

    private void follow(Node node, Set<Fact.Row<?, ?>> rows) {
        boolean survey = false;
        if (node.key instanceof Query<?> query) {
            query.origins().forEach(fact -> addIfRow(fact, rows));
            survey = query.isSurvey();
        } else {
            addIfRow(node.key, rows);
        }
        for (Node dependency : node.dependencies) {
            boolean onTheWay = !survey || !(dependency.key instanceof Query<?> query) || query.isSurvey();
            if (onTheWay) {
                add(dependency);
            }
        }
    }

    private static void addIfRow(Object key, Set<Fact.Row<?, ?>> rows) {
        if (key instanceof Fact.Row<?, ?> row) {
            rows.add(row);
        }
    }
}
