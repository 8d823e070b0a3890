package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.Finding;
import io.meridian.model.mesh.MeshCommand.Delete;
import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.MeshCommand.Rollback;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourceDeleted;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Istio's objects: atomic change sets, and the way back to an earlier one. */
final class ResourceDecisions {
    private final ResourceRules rules;

    ResourceDecisions(ResourceRules rules) {
        this.rules = rules;
    }

    /** All or nothing: one violation of one object refuses the set, and all violations of all objects are told. */
    Decision apply(MeshState state, List<ResourceIntent> intents, String commandId, Instant now) {
        List<Violation> violations = new ArrayList<>(ResourceLimits.ofSet(state, intents));
        if (violations.isEmpty()) {
            Set<ResourceKey> seen = new HashSet<>();
            for (ResourceIntent intent : intents) {
                if (!seen.add(intent.key())) {
                    violations.add(violation(
                            intent,
                            RejectionCode.DUPLICATE_OBJECT,
                            "metadata.name",
                            intent.key() + " occurs twice in the change set; keep one"));
                }
                violations.addAll(violations(state, intent));
            }
        }
        if (!violations.isEmpty()) {
            return new Decision.Rejected(violations);
        }
        TreeMap<ResourceKey, ResourceChange> changes = new TreeMap<>();
        for (ResourceIntent intent : intents) {
            change(state.resources().get(intent.key()), intent, commandId, now)
                    .ifPresent(change -> changes.put(change.key(), change));
        }
        return accept(state, List.copyOf(changes.values()), Optional.empty(), intents);
    }

    /** Writes exactly what differs from {@code rollback.target}, so that going back twice changes nothing the second time. */
    Decision rollback(MeshState state, Rollback rollback, String commandId, Instant now) {
        Optional<Decision> refusal = RollbackChecks.refusal(state, rollback);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Map<ResourceKey, Resource> target = new TreeMap<>();
        rollback.target().stream()
                .filter(resource -> RollbackChecks.inScope(rollback, resource.key()))
                .forEach(resource -> target.put(resource.key(), resource));
        TreeSet<ResourceKey> keys = new TreeSet<>(target.keySet());
        state.resources().keySet().stream()
                .filter(key -> RollbackChecks.inScope(rollback, key))
                .forEach(keys::add);
        List<ResourceIntent> intents = new ArrayList<>();
        List<ResourceChange> changes = new ArrayList<>();
        for (ResourceKey key : keys) {
            ResourceIntent intent = intent(key, target.get(key));
            Optional<ResourceChange> change = change(state.resources().get(key), intent, commandId, now);
            if (change.isPresent()) {
                intents.add(intent);
                changes.add(change.get());
            }
        }
        List<Violation> violations = RollbackChecks.violations(state, intents);
        return violations.isEmpty()
                ? accept(state, changes, Optional.of(rollback.to()), intents)
                : new Decision.Rejected(violations);
    }

    private static ResourceIntent intent(ResourceKey key, @Nullable Resource target) {
        return target == null
                ? new Delete(key, Origin.UNKNOWN, Optional.empty())
                : new Put(
                        key,
                        Origin.UNKNOWN,
                        target.apiVersion(),
                        target.labels(),
                        target.annotations(),
                        target.spec(),
                        Optional.empty());
    }

    private Decision accept(
            MeshState state,
            List<ResourceChange> changes,
            Optional<Position> rolledBackTo,
            List<ResourceIntent> intents) {
        StateDraft draft = new StateDraft(state);
        draft.resources = Evolver.changed(
                draft.resources, changes, state.head().position().seq() + 1);
        MeshState after = draft.build();
        List<Finding> findings = intents.stream()
                .flatMap(intent -> rules.findings(after, intent).stream())
                .toList();
        return new Decision.Accepted(
                changes.isEmpty() ? List.of() : List.of(new MeshEvent.ResourcesApplied(changes, rolledBackTo)),
                findings);
    }

    private List<Violation> violations(MeshState state, ResourceIntent intent) {
        List<Violation> violations = new ArrayList<>();
        Resource stored = state.resources().get(intent.key());
        switch (intent) {
            case Put put -> {
                violations.addAll(rules.violations(put));
                if (violations.isEmpty()) {
                    ResourceLimits.ofObject(put).ifPresent(violations::add);
                    namespace(state, intent).ifPresent(violations::add);
                }
                stale(intent, put.resourceVersion(), stored).ifPresent(violations::add);
            }
            case Delete delete -> {
                if (stored == null) {
                    violations.add(violation(
                            intent,
                            RejectionCode.RESOURCE_NOT_FOUND,
                            "metadata.name",
                            "there is no " + intent.key() + " in mesh " + state.id()));
                } else {
                    stale(intent, delete.resourceVersion(), stored).ifPresent(violations::add);
                }
            }
        }
        return violations;
    }

    static Optional<Violation> namespace(MeshState state, ResourceIntent intent) {
        String namespace = intent.key().namespace();
        return state.namespaces().containsKey(namespace)
                ? Optional.empty()
                : Optional.of(violation(
                        intent,
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "metadata.namespace",
                        NamespaceDecisions.missing(namespace)));
    }

    private static Optional<Violation> stale(
            ResourceIntent intent, Optional<String> resourceVersion, @Nullable Resource stored) {
        if (resourceVersion.isEmpty()) {
            return Optional.empty();
        }
        String actual = stored == null ? "" : Long.toString(stored.modifiedSeq());
        if (resourceVersion.get().equals(actual)) {
            return Optional.empty();
        }
        String message = stored == null
                ? "resourceVersion " + resourceVersion.get() + " was given, but there is no " + intent.key()
                        + "; leave it out to create the object"
                : intent.key() + " is at resourceVersion " + actual + ", not " + resourceVersion.get()
                        + "; read it again and apply your change to that";
        return Optional.of(violation(intent, RejectionCode.STALE_POSITION, "metadata.resourceVersion", message));
    }

    /** Empty where what is asked for already is. */
    private static Optional<ResourceChange> change(
            @Nullable Resource stored, ResourceIntent intent, String commandId, Instant now) {
        return switch (intent) {
            case Delete delete -> stored == null ? Optional.empty() : Optional.of(new ResourceDeleted(delete.key()));
            case Put put when stored == null -> Optional.of(put(put, uid(commandId, put.key()), now, 1));
            case Put put when isUnchanged(put, stored) -> Optional.empty();
            case Put put -> Optional.of(put(put, stored.uid(), stored.created(), generation(stored, put.spec())));
        };
    }

    /** Of an object that the command creates. */
    static String uid(String commandId, ResourceKey key) {
        return Uids.of(commandId, key.group() + " " + key);
    }

    /** After {@code spec} has been put in the place of {@code stored}'s. */
    static long generation(Resource stored, ByteString spec) {
        return stored.generation() + (spec.equals(stored.spec()) ? 0 : 1);
    }

    private static boolean isUnchanged(Put put, Resource stored) {
        return put.apiVersion().equals(stored.apiVersion())
                && put.labels().equals(stored.labels())
                && put.annotations().equals(stored.annotations())
                && put.spec().equals(stored.spec());
    }

    private static ResourcePut put(Put put, String uid, Instant created, long generation) {
        ByteString spec = put.spec();
        return new ResourcePut(
                put.key(), put.apiVersion(), put.labels(), put.annotations(), spec, uid, created, generation);
    }

    static Violation violation(ResourceIntent intent, RejectionCode code, String field, String message) {
        return new Violation(code, intent.key().toString(), field, message, intent.origin());
    }
}
