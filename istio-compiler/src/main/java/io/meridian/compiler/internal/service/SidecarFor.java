package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.model.resource.ResourceKey;
import java.util.Map;
import java.util.Optional;

/**
 * The Sidecar resource of a workload: one that selects it, else its namespace's, else the root namespace's; the oldest of several.
 *
 * @param labels of the workload
 */
public record SidecarFor(String namespace, Map<String, String> labels) implements Query<Optional<ResourceKey>> {
    @Override
    public Optional<ResourceKey> compute(Tracked view) {
        var candidates = view.bucket(Inputs.SIDECARS_OF, namespace);
        for (Map.Entry<Age, Optional<Map<String, String>>> candidate : candidates.entrySet()) {
            Optional<Map<String, String>> selector = candidate.getValue();
            if (selector.isPresent()
                    && labels.entrySet().containsAll(selector.get().entrySet())) {
                return Optional.of(candidate.getKey().key());
            }
        }
        return forAll(view, namespace).or(() -> forAll(view, MeshValues.rootNamespace(view)));
    }

    private static Optional<ResourceKey> forAll(Tracked view, String owner) {
        return view.bucket(Inputs.SIDECARS_OF, owner).entrySet().stream()
                .filter(candidate -> candidate.getValue().isEmpty())
                .map(candidate -> candidate.getKey().key())
                .findFirst();
    }
}
