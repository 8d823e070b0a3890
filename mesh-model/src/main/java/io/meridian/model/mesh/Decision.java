package io.meridian.model.mesh;

import io.meridian.api.type.v1.Finding;
import java.util.List;

/** What {@link Decider#decide} says. */
public sealed interface Decision {
    /** {@code events} are to be appended, all or none; empty when what was asked for already is. */
    record Accepted(List<MeshEvent> events, List<Finding> findings) implements Decision {
        public Accepted {
            events = List.copyOf(events);
            findings = List.copyOf(findings);
        }
    }

    /** Nothing changes. At least one violation; the first one's code decides the gRPC status. */
    record Rejected(List<Violation> violations) implements Decision {
        public Rejected {
            violations = List.copyOf(violations);
        }
    }
}
