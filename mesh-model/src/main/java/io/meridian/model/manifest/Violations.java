package io.meridian.model.manifest;

import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one file. The origin of each violation is its exact line, and its sentence begins with the place. */
final class Violations {
    private final String source;
    private final List<Violation> found = new ArrayList<>();
    private String object = "";

    Violations(String source) {
        this.source = source;
    }

    /** What the following ones are about: "VirtualService default/reviews". */
    void about(String described) {
        this.object = described;
    }

    void add(RejectionCode code, String field, Place place, String message) {
        found.add(new Violation(code, object, field, place + ": " + message, new Origin(source, place.line())));
    }

    List<Violation> all() {
        return found;
    }
}
