package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.translate.Delegates;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/** The HTTP routes of a VirtualService, with those that it delegates to in their place. */
public record HttpRoutesOf(ResourceKey virtualService) implements Query<List<HttpRoute>> {
    @Override
    public List<HttpRoute> compute(Tracked view) {
        String namespace = virtualService.namespace();
        return view.row(Inputs.VIRTUAL_SERVICES, virtualService)
                .map(root -> Delegates.merge(
                        root.http(), namespace, (owner, name) -> delegate(view, owner, name, namespace)))
                .orElse(List.of());
    }

    private Optional<VirtualService> delegate(Tracked view, String owner, String name, String namespace) {
        ResourceKey key = new ResourceKey(virtualService.group(), virtualService.kind(), owner, name);
        return view.row(Inputs.VIRTUAL_SERVICES, key)
                .filter(found -> found.hosts().isEmpty() && Visibility.isVisible(found.exportTo(), owner, namespace));
    }
}
