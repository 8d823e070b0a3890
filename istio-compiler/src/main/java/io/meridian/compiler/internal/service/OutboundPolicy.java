package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.model.istio.Sidecar;
import io.meridian.model.istio.Sidecar.OutboundTrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.Optional;

/** What becomes of traffic to where the mesh knows nothing: the Sidecar's word, else the mesh's. */
public record OutboundPolicy(Optional<ResourceKey> sidecar) implements Query<OutboundPolicy.Rule> {

    public record Rule(boolean passesUnknown) {}

    @Override
    public Rule compute(Tracked view) {
        return sidecar.flatMap(key -> view.row(Inputs.SIDECARS, key))
                .flatMap(Sidecar::outboundTrafficPolicy)
                .map(policy -> new Rule(policy.mode() == OutboundTrafficPolicy.Mode.ALLOW_ANY))
                .orElseGet(() -> new Rule(MeshValues.passesUnknown(view)));
    }
}
