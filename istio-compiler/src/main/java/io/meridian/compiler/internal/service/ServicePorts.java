package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import java.util.List;

/** The ports of a service, none for one that is not there; apart from the rest of it, so that other changes stop here. */
public record ServicePorts(ServiceKey key) implements Query<List<ServicePort>> {
    @Override
    public List<ServicePort> compute(Tracked view) {
        return view.get(new ServiceOf(key)).map(Service::ports).orElse(List.of());
    }
}
