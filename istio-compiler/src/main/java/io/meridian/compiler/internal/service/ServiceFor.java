package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.ServiceSource;
import java.util.Optional;

/** What a host means in a namespace: that namespace's own service, else the first of those that are exported to it. */
public record ServiceFor(String namespace, String host) implements Query<Optional<ServiceKey>> {
    @Override
    public Optional<ServiceKey> compute(Tracked view) {
        Optional<ServiceKey> first = Optional.empty();
        for (ServiceSource source : view.bucket(Inputs.SERVICES_BY_HOST, host).keySet()) {
            ServiceKey service = source.service();
            boolean visible = view.get(new ExportedTo(service))
                    .filter(exportTo -> Visibility.isVisible(exportTo, service.namespace(), namespace))
                    .isPresent();
            if (visible && service.namespace().equals(namespace)) {
                return Optional.of(service);
            }
            if (visible && first.isEmpty()) {
                first = Optional.of(service);
            }
        }
        return first;
    }
}
