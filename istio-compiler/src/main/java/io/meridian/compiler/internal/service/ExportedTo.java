package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import java.util.List;
import java.util.Optional;

/** What decides who sees a service; apart from the rest of it, so that other changes stop here. */
record ExportedTo(ServiceKey key) implements Query<Optional<List<String>>> {
    @Override
    public Optional<List<String>> compute(Tracked view) {
        return view.get(new ServiceOf(key)).map(Service::exportTo);
    }
}
