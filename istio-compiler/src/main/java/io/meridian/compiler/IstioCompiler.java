package io.meridian.compiler;

import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Graph;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Store;
import io.meridian.compiler.internal.input.ImageFeed;
import io.meridian.compiler.internal.scope.Classification;
import io.meridian.compiler.internal.scope.Resources;
import io.meridian.compiler.internal.scope.ScopeClass;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
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
 * <p>An update costs what changed; a view costs what of it depends on that, and for a proxy whose scope class is known already, a look-up.
 */
public final class IstioCompiler implements MeshCompiler {
    private final Store store = new Store();
    private final ImageFeed feed = new ImageFeed(store);
    private final Graph graph;
    private Set<Query<?>> seen = new HashSet<>();
    /** Answers of {@link #sources} at this image: a thousand proxies may reject the same. */
    private final Map<Made, Set<ResourceKey>> sources = new HashMap<>();

    private Position position;
    private boolean empty = true;

    public IstioCompiler(MeshId mesh) {
        position = Position.before(mesh);
        graph = new Graph(store, position);
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
        Classification classification = new Classification(proxy);
        ScopeClass scope = graph.ask(classification);
        Resources resources = new Resources(scope);
        seen.add(classification);
        seen.add(resources);
        return new ProxyView(position, graph.ask(resources));
    }

    @Override
    public Set<ResourceKey> sources(Proxy proxy, XdsType type, String name) {
        XdsResource resource =
                view(proxy).resources().getOrDefault(type, TreePMap.empty()).get(name);
        if (resource == null) {
            return Set.of();
        }
        Resources root = new Resources(graph.ask(new Classification(proxy)));
        return sources.computeIfAbsent(new Made(root, resource), made -> {
            TreeSet<ResourceKey> keys = new TreeSet<>();
            for (Fact.Row<?, ?> row : graph.behind(root, made::isIn)) {
                if (row.key() instanceof ResourceKey key) {
                    keys.add(key);
                }
            }
            return Collections.unmodifiableSet(keys);
        });
    }

    /** A resource in the view of a scope class. */
    private record Made(Resources root, XdsResource resource) {
        // Resources with equal bytes are one object.
        @SuppressWarnings("ReferenceEquality")
        boolean isIn(Object answer) {
            return switch (answer) {
                case XdsResource one -> one == resource;
                case Optional<?> maybe -> maybe.isPresent() && maybe.get() == resource;
                case List<?> clusters ->
                    clusters.stream()
                            .anyMatch(one -> one instanceof OutboundCluster cluster && cluster.resource() == resource);
                default -> false;
            };
        }
    }

    @Override
    public void trim() {
        graph.retain(seen);
        seen = new HashSet<>();
    }

    /** How many computations were made so far: the measure of incrementality. */
    public long computations() {
        return graph.computations();
    }

    /** How many facts and computations are remembered. */
    public int graphSize() {
        return graph.size();
    }
}
