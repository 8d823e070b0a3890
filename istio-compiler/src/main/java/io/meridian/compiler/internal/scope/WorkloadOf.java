package io.meridian.compiler.internal.scope;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ClusterObject;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.WorkloadName;
import java.util.Optional;

/** The workload that a proxy runs beside. One that names no cluster of the mesh is looked for in all of them. */
record WorkloadOf(String cluster, String namespace, String name) implements Query<Optional<ClusterObject>> {
    @Override
    public Optional<ClusterObject> compute(Tracked view) {
        ClusterObject told = new ClusterObject(cluster, namespace, name);
        if (view.row(Inputs.WORKLOADS, told).isPresent()) {
            return Optional.of(told);
        }
        if (view.row(Inputs.CLUSTERS, cluster).isPresent()) {
            return Optional.empty();
        }
        return view.bucket(Inputs.WORKLOADS_BY_NAME, new WorkloadName(namespace, name)).keySet().stream()
                .findFirst();
    }
}
