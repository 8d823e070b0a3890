package io.meridian.model.mesh;

import io.meridian.api.type.v1.Finding;
import java.util.List;

/** What kinds of objects a mesh takes and what their specs must look like. Pure: called from the decider. */
public interface ResourceRules {

    /** Why this object alone cannot be taken, whatever else the mesh holds; empty if it can. Names each field that is wrong. */
    List<Violation> violations(MeshCommand.Put intent);

    /** What to tell the client about an object that is taken, seen beside everything else in {@code after}. */
    List<Finding> findings(MeshState after, MeshCommand.ResourceIntent intent);
}
