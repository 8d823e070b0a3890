package io.meridian.model.mesh;

/**
 * One reason why a command is refused.
 *
 * @param object what it is about: "VirtualService default/reviews", "cluster k8s-1", "mesh bookinfo"; may be empty
 * @param field the path of the field: "spec.http[0].route[1].weight"; may be empty
 * @param message one sentence that says what is wrong and what is allowed
 */
public record Violation(RejectionCode code, String object, String field, String message, MeshCommand.Origin origin) {
    public Violation(RejectionCode code, String object, String field, String message) {
        this(code, object, field, message, MeshCommand.Origin.UNKNOWN);
    }
}
