package io.meridian.compiler.internal.graph;

import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Finds queries whose answers rest on something that they did not ask for: computes every answer that is taken to hold once more, from nothing but
 * the answers that are recorded as looked at.
 */
public final class Audit implements Tracked {
    private final Map<Object, Object> recorded = new HashMap<>();

    private Audit(Node node) {
        for (Node dependency : node.dependencies) {
            recorded.put(dependency.key, Objects.requireNonNull(dependency.value));
        }
    }

    /** What is wrong, one line each. */
    public static List<String> of(Graph graph) {
        List<String> problems = new ArrayList<>();
        for (Node node : List.copyOf(graph.nodes())) {
            if (!node.suspect && node.key instanceof Query<?> query) {
                try {
                    Object again = query.compute(new Audit(node));
                    if (!again.equals(node.value)) {
                        problems.add(query + " holds " + node.value + " but computes " + again);
                    }
                } catch (UnrecordedException e) {
                    problems.add(query + " now looks at " + e.getMessage());
                }
            }
        }
        return problems;
    }

    private static final class UnrecordedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnrecordedException(Object key) {
            super(key.toString());
        }
    }

    private Object answer(Object key) {
        Object value = recorded.get(key);
        if (value == null) {
            throw new UnrecordedException(key);
        }
        return value;
    }

    @Override
    @SuppressWarnings("unchecked") // recorded under its own question
    public <V> V get(Fact<V> fact) {
        return (V) answer(fact);
    }

    @Override
    @SuppressWarnings("unchecked") // recorded under its own question
    public <V> V get(Query<V> query) {
        return (V) answer(query);
    }

    @Override
    public XdsResource resource(XdsType type, String name, Fragment content) {
        return XdsResource.of(type, name, content, Position.before(new MeshId("audit")));
    }

    @Override
    public <V> V shared(V value) {
        return value;
    }

    @Override
    public <V> V madeOf(List<?> parts, Supplier<V> make) {
        return make.get();
    }

    @Override
    public <K extends Comparable<? super K>, V> PSortedMap<K, V> union(List<PSortedMap<K, V>> parts) {
        PSortedMap<K, V> all = TreePMap.empty();
        for (PSortedMap<K, V> part : parts) {
            all = all.plusAll(part);
        }
        return all;
    }

    @Override
    public <K extends Comparable<? super K>, V> PSortedMap<K, V> sorted(Map<K, V> entries) {
        return TreePMap.from(entries);
    }
}
