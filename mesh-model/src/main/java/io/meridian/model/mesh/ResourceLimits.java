package io.meridian.model.mesh;

import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import java.util.List;
import java.util.Optional;

/** How big a change set may be. One change set is one event, which must pass every region's transport and journal whole. */
public final class ResourceLimits {
    /** Objects in one change set. */
    public static final int MAX_OBJECTS = 1_000;

    /** Of one object's spec as canonical JSON; etcd, below Kubernetes, allows 1.5 MiB for a whole request. */
    public static final int MAX_SPEC_BYTES = 1024 * 1024;

    /** Of all specs of one change set; below gRPC's default limit of 4 MiB for a message. */
    public static final int MAX_SET_BYTES = 3 * 1024 * 1024;

    private ResourceLimits() {}

    static List<Violation> ofSet(MeshState state, List<ResourceIntent> intents) {
        String object = "mesh " + state.id();
        if (intents.isEmpty()) {
            return List.of(new Violation(
                    RejectionCode.INVALID_FIELD, object, "", "the change set is empty; give at least one object"));
        }
        if (intents.size() > MAX_OBJECTS) {
            return List.of(new Violation(
                    RejectionCode.TOO_LARGE,
                    object,
                    "",
                    "the change set has " + intents.size() + " objects; at most " + MAX_OBJECTS
                            + " are allowed, split it"));
        }
        long bytes = intents.stream()
                .mapToLong(intent -> intent instanceof Put put ? put.spec().size() : 0)
                .sum();
        return bytes <= MAX_SET_BYTES
                ? List.of()
                : List.of(new Violation(
                        RejectionCode.TOO_LARGE,
                        object,
                        "",
                        "the specs of the change set have " + bytes + " bytes; at most " + MAX_SET_BYTES
                                + " are allowed, split it"));
    }

    static Optional<Violation> ofObject(Put put) {
        return put.spec().size() <= MAX_SPEC_BYTES
                ? Optional.empty()
                : Optional.of(ResourceDecisions.violation(
                        put,
                        RejectionCode.TOO_LARGE,
                        "spec",
                        "has " + put.spec().size() + " bytes as JSON; at most " + MAX_SPEC_BYTES + " are allowed"));
    }
}
