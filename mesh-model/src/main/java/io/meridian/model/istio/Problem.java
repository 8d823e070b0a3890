package io.meridian.model.istio;

import io.meridian.model.mesh.RejectionCode;

/**
 * Something wrong with one field of one spec, whatever else there is in the mesh.
 *
 * @param field the path from the object's root: "spec.http[0].route[1].weight"
 * @param message one sentence that says what is wrong and what is allowed
 */
public record Problem(Severity severity, RejectionCode code, String field, String message) {
    public enum Severity {
        /** Istio refuses it, or would misread it. */
        ERROR,
        /** Istio takes it, and it is likely not what was meant. */
        WARNING
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
