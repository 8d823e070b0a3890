package io.meridian.model.mesh;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Gathers everything that is wrong with one object, so that a client is told all of it at once. Lives within one decision. */
final class Violations {
    private final String object;
    private final List<Violation> found = new ArrayList<>();

    Violations(String object) {
        this.object = object;
    }

    void add(RejectionCode code, String field, String message) {
        found.add(new Violation(code, object, field, message));
    }

    /** {@code message} is asked for only if {@code holds} is false. */
    void require(boolean holds, String field, Supplier<String> message) {
        if (!holds) {
            add(RejectionCode.INVALID_FIELD, field, message.get());
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    Decision.Rejected rejected() {
        return new Decision.Rejected(found);
    }

    /** These events, unless something was found. */
    Decision orAccept(List<MeshEvent> events) {
        return found.isEmpty() ? new Decision.Accepted(events, List.of()) : rejected();
    }

    static Decision.Rejected rejected(RejectionCode code, String object, String field, String message) {
        return new Decision.Rejected(List.of(new Violation(code, object, field, message)));
    }
}
