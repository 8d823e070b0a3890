package io.meridian.chaos.simulation;

import io.meridian.api.type.v1.Finding;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.ResourceRules;
import io.meridian.model.mesh.Violation;
import java.util.List;

/** The simulated clients write namespaces only: there are no objects to judge. */
final class NoResources implements ResourceRules {
    @Override
    public List<Violation> violations(MeshCommand.Put intent) {
        return List.of();
    }

    @Override
    public List<Finding> findings(MeshState after, MeshCommand.ResourceIntent intent) {
        return List.of();
    }
}
