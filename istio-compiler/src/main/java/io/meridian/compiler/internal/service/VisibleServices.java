package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.ServiceSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** All services that a namespace sees, of each host maybe several, in order of host, then namespace. */
public record VisibleServices(String namespace) implements Query<List<ServiceKey>> {
    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public List<ServiceKey> compute(Tracked view) {
        List<ServiceKey> visible = new ArrayList<>();
        for (ServiceKey service : view.get(new AllServices())) {
            Optional<List<String>> exportTo = view.get(new ExportedTo(service));
            if (exportTo.isPresent() && Visibility.isVisible(exportTo.get(), service.namespace(), namespace)) {
                visible.add(service);
            }
        }
        return List.copyOf(visible);
    }

    /** Of the mesh. */
    private record AllServices() implements Query<List<ServiceKey>> {
        @Override
        public boolean isSurvey() {
            return true;
        }

        @Override
        public List<ServiceKey> compute(Tracked view) {
            TreeSet<ServiceKey> services = new TreeSet<>();
            for (ServiceSource source : view.bucket(Inputs.SERVICES, Inputs.ALL).keySet()) {
                services.add(source.service());
            }
            return List.copyOf(services);
        }
    }
}
