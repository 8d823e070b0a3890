package io.meridian.compiler;

import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.graph.Answer;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Graph;
import io.meridian.compiler.internal.graph.Store;
import io.meridian.compiler.internal.input.ImageFeed;
import io.meridian.compiler.internal.scope.ScopeViews;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pcollections.TreePMap;

/**
 * Compiles with Istio's names and meaning. State: the facts of the last image, and a graph of what was computed from them, with what each
 * computation looked at. Confined to one thread at a time.
 *
 * <p>An update costs what changed; a view costs what of it depends on that, once per scope class, and for a proxy that none of it touches a look-up.
 * Memory goes with what the proxies hold that were seen since the last {@link #trim}.
 */
public final class IstioCompiler implements MeshCompiler {
    private final Store store = new Store();
    private final ImageFeed feed = new ImageFeed(store);
    private final Graph graph;
    private final ScopeViews views;
    /** Answers of {@link #sources} at this image: a thousand proxies may reject the same. */
    private final Map<Held, Set<ResourceKey>> sources = new HashMap<>();

    /** A resource of a scope class. */
    private record Held(Answer<?> scope, XdsResource resource) {}

    private Position position;
    private boolean empty = true;

    public IstioCompiler(MeshId mesh) {
        position = Position.before(mesh);
        graph = new Graph(store, position);
        views = new ScopeViews(graph);
    }

    /** The first delta may be any: all of the first image is taken. */
    @Override
    public void update(MeshImage image, ImageDelta delta) {
        if (!image.state().id().equals(position.mesh())) {
            throw new IllegalArgumentException(
                    "an image of mesh " + image.state().id() + " offered to the compiler of mesh " + position.mesh());
        }
        feed.update(image, empty ? ImageFeed.everything(image) : delta);
        empty = false;
        sources.clear();
        position = image.state().head().position();
        graph.advance(position);
    }

    @Override
    public ProxyView view(Proxy proxy) {
        return views.of(proxy, position);
    }

    @Override
    public boolean regrouped() {
        return views.regrouped();
    }

    @Override
    public Set<ResourceKey> sources(Proxy proxy, XdsType type, String name) {
        XdsResource resource =
                view(proxy).resources().getOrDefault(type, TreePMap.empty()).get(name);
        if (resource == null) {
            return Set.of();
        }
        return sources.computeIfAbsent(new Held(views.answer(proxy), resource), held -> {
            TreeSet<ResourceKey> keys = new TreeSet<>();
            for (Fact.Row<?, ?> row : graph.behind(held.scope, answer -> isIn(answer, held.resource))) {
                if (row.key() instanceof ResourceKey key) {
                    keys.add(key);
                }
            }
            return Collections.unmodifiableSet(keys);
        });
    }

    // Resources of equal content are one object.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isIn(Object answer, XdsResource resource) {
        return switch (answer) {
            case XdsResource one -> one == resource;
            case Optional<?> maybe -> maybe.isPresent() && maybe.get() == resource;
            case List<?> clusters ->
                clusters.stream()
                        .anyMatch(one -> one instanceof OutboundCluster cluster && cluster.resource() == resource);
            default -> false;
        };
    }

    @Override
    public void trim() {
        views.trim();
    }

    /** How many computations were made so far: the measure of incrementality. */
    public long computations() {
        return graph.computations();
    }

    /** How many facts and computations are remembered. */
    public int graphSize() {
        return graph.size();
    }

    Graph graph() {
        return graph;
    }
}
