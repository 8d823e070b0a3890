package io.meridian.model.manifest;

import io.meridian.model.mesh.RejectionCode;

/** The file cannot be read on from a place. Never leaves the package. */
final class YamlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Place place;
    private final RejectionCode code;

    YamlException(RejectionCode code, Place place, String message) {
        super(message);
        this.code = code;
        this.place = place;
    }

    Place place() {
        return place;
    }

    RejectionCode code() {
        return code;
    }

    /** {@link #getMessage} is never null here. */
    String sentence() {
        return String.valueOf(getMessage());
    }
}
