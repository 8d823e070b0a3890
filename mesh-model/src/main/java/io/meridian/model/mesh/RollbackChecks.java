package io.meridian.model.mesh;

import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.MeshCommand.Rollback;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/** When a way back is open. */
final class RollbackChecks {
    private RollbackChecks() {}

    static boolean inScope(Rollback rollback, ResourceKey key) {
        return rollback.namespace().map(key.namespace()::equals).orElse(true)
                && rollback.key().map(key::equals).orElse(true);
    }

    static Optional<Decision> refusal(MeshState state, Rollback rollback) {
        String object = "mesh " + state.id();
        if (!rollback.to().mesh().equals(state.id())
                || rollback.to().seq() > state.head().position().seq()) {
            return Optional.of(Violations.rejected(
                    RejectionCode.POSITION_NOT_FOUND,
                    object,
                    "to",
                    "position " + rollback.to() + " of mesh " + rollback.to().mesh()
                            + " is not in the log of mesh " + state.id() + ", whose head is "
                            + state.head().position()));
        }
        if (rollback.namespace().isPresent()
                && !state.namespaces().containsKey(rollback.namespace().get())) {
            return Optional.of(Violations.rejected(
                    RejectionCode.NAMESPACE_NOT_FOUND,
                    object,
                    "namespace",
                    NamespaceDecisions.missing(rollback.namespace().get())));
        }
        if (rollback.key().isPresent() && !known(state, rollback, rollback.key().get())) {
            return Optional.of(Violations.rejected(
                    RejectionCode.RESOURCE_NOT_FOUND,
                    rollback.key().get().toString(),
                    "key",
                    "there is no " + rollback.key().get() + ", neither now nor at position " + rollback.to()));
        }
        return Optional.empty();
    }

    /** Of the changes that it takes. The specs were valid when they were applied and are not judged again. */
    static List<Violation> violations(MeshState state, List<ResourceIntent> intents) {
        if (intents.isEmpty()) {
            return List.of();
        }
        List<Violation> limits = ResourceLimits.ofSet(state, intents);
        return limits.isEmpty()
                ? intents.stream()
                        .filter(Put.class::isInstance)
                        .flatMap(intent -> ResourceDecisions.namespace(state, intent).stream())
                        .toList()
                : limits;
    }

    private static boolean known(MeshState state, Rollback rollback, ResourceKey key) {
        return state.resources().containsKey(key)
                || rollback.target().stream()
                        .anyMatch(resource -> resource.key().equals(key));
    }
}
