package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.ServiceSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Who sees the services of a namespace, or of all: asked by all clients alike, so that most of what they see is found once. */
record Exports(String owner) implements Query<Exports.Visible> {

    /** Both in order of host, then namespace. {@code toSome}: with what their exportTo says. */
    record Visible(List<ServiceKey> toAll, Map<ServiceKey, List<String>> toSome) {
        void forEach(String client, Consumer<ServiceKey> action) {
            toAll.forEach(action);
            toSome.forEach((service, exportTo) -> {
                if (Visibility.isVisible(exportTo, service.namespace(), client)) {
                    action.accept(service);
                }
            });
        }
    }

    /** {@code owner}: "*" for all. */
    static Exports of(String owner) {
        return new Exports(owner.equals("*") ? Inputs.ALL : owner);
    }

    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public Visible compute(Tracked view) {
        TreeSet<ServiceKey> services = new TreeSet<>();
        for (ServiceSource source : view.bucket(Inputs.SERVICES, owner).keySet()) {
            services.add(source.service());
        }
        List<ServiceKey> toAll = new ArrayList<>();
        Map<ServiceKey, List<String>> toSome = new LinkedHashMap<>();
        for (ServiceKey service : services) {
            Optional<List<String>> exportTo = view.get(new ExportedTo(service));
            if (exportTo.isPresent()) {
                if (exportTo.get().isEmpty() || exportTo.get().contains("*")) {
                    toAll.add(service);
                } else {
                    toSome.put(service, exportTo.get());
                }
            }
        }
        return new Visible(List.copyOf(toAll), toSome);
    }
}
