package io.meridian.model.istio;

import io.meridian.api.type.v1.Finding;
import io.meridian.model.istio.IstioKinds.Kind;
import io.meridian.model.istio.IstioSpecs.Parsed;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.ResourceRules;
import io.meridian.model.mesh.Violation;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which objects a mesh takes: the kinds of {@link IstioKinds} in their served versions, with specs that Istio would accept. An object of a kind that
 * is not enforced is refused, never stored and ignored.
 *
 * <p>Deterministic: what is remembered between calls only saves time. Thread-safe.
 */
public final class IstioRules implements ResourceRules {
    private final ParsedSpecs specs = new ParsedSpecs();
    /** Of the state last asked about: a change set asks about one state for each of its objects. */
    private volatile @Nullable MeshIndex lastIndex;

    @Override
    public List<Violation> violations(MeshCommand.Put intent) {
        Optional<Violation> kind = kindViolation(intent);
        if (kind.isPresent()) {
            return List.of(kind.get());
        }
        List<Violation> violations = new ArrayList<>();
        checkNames(intent, violations);
        checkLabels(intent, violations);
        specs.get(intent.key(), intent.apiVersion(), intent.spec()).problems().stream()
                .filter(Problem::isError)
                .forEach(problem ->
                        violations.add(violation(intent, problem.code(), problem.field(), problem.message())));
        return violations;
    }

    @Override
    public List<Finding> findings(MeshState after, MeshCommand.ResourceIntent intent) {
        ResourceKey key = intent.key();
        MeshIndex index = index(after);
        List<Finding> found = switch (intent) {
            case MeshCommand.Put put -> {
                Parsed parsed = specs.get(key, put.apiVersion(), put.spec());
                yield Analysis.ofPut(index, key, parsed);
            }
            case MeshCommand.Delete delete -> Analysis.ofDelete(index, key);
        };
        return found.stream()
                .map(finding -> Analysis.at(finding, intent.origin()))
                .toList();
    }

    private MeshIndex index(MeshState state) {
        MeshIndex known = lastIndex;
        if (known != null && known.isOf(state)) {
            return known;
        }
        MeshIndex made = new MeshIndex(state, specs);
        lastIndex = made;
        return made;
    }

    private static Violation violation(MeshCommand.Put intent, RejectionCode code, String field, String message) {
        return new Violation(code, intent.key().toString(), field, message, intent.origin());
    }

    private static Optional<Violation> kindViolation(MeshCommand.Put intent) {
        String group = intent.key().group();
        String kindName = intent.key().kind();
        Optional<Kind> kind = IstioKinds.find(group, kindName);
        if (kind.isPresent()) {
            boolean served = kind.get().versions().stream()
                    .anyMatch(version -> intent.apiVersion().equals(group + "/" + version));
            return served
                    ? Optional.empty()
                    : Optional.of(violation(
                            intent,
                            RejectionCode.UNSUPPORTED_VERSION,
                            "apiVersion",
                            "\"" + intent.apiVersion() + "\" is not served for " + kindName + "; the versions are "
                                    + kind.get().apiVersions()));
        }
        String supported = "the supported kinds are " + IstioKinds.supportedNames() + " of " + IstioKinds.NETWORKING;
        if (IstioKinds.isDataPlane(group, kindName)) {
            return Optional.of(violation(
                    intent,
                    RejectionCode.APPLICATION_NOT_ALLOWED,
                    "kind",
                    kindName
                            + ": applications can't be deployed in the mesh's control plane; apply them to one of the mesh's"
                            + " data-plane clusters"));
        }
        String reason = IstioKinds.isKnownButUnsupported(group, kindName)
                ? kindName + " of " + group + " is not supported by this version, and is refused so that nothing is"
                        + " stored that is not enforced; "
                : "unknown kind " + kindName + " of \"" + intent.apiVersion() + "\"; ";
        return Optional.of(violation(intent, RejectionCode.UNKNOWN_KIND, "kind", reason + supported));
    }

    private static void checkNames(MeshCommand.Put intent, List<Violation> violations) {
        ResourceKey key = intent.key();
        boolean label = key.kind().equals("Gateway");
        if (!(label ? Syntax.isDnsLabel(key.name()) : Syntax.isDnsSubdomain(key.name()))) {
            violations.add(violation(
                    intent,
                    RejectionCode.INVALID_NAME,
                    "metadata.name",
                    "\"" + FieldReader.abbreviate(key.name()) + "\" is not a valid name (lower-case letters, digits"
                            + (label ? " and -, at most 63" : ", - and ., at most 253")
                            + " characters, beginning and ending with a letter or digit)"));
        }
        if (!Syntax.isDnsLabel(key.namespace())) {
            violations.add(violation(
                    intent,
                    RejectionCode.INVALID_NAME,
                    "metadata.namespace",
                    "\"" + FieldReader.abbreviate(key.namespace())
                            + "\" is not a valid namespace name (at most 63 lower-case letters, digits and -)"));
        }
    }

    private static void checkLabels(MeshCommand.Put intent, List<Violation> violations) {
        for (Map.Entry<String, String> label : Ordered.copyOf(intent.labels()).entrySet()) {
            String field = "metadata.labels[" + label.getKey() + "]";
            Syntax.labelKey(label.getKey())
                    .or(() -> Syntax.labelValue(label.getValue()))
                    .ifPresent(
                            message -> violations.add(violation(intent, RejectionCode.INVALID_FIELD, field, message)));
        }
        for (String key : Ordered.copyOf(intent.annotations()).keySet()) {
            String field = "metadata.annotations[" + key + "]";
            Syntax.labelKey(key)
                    .ifPresent(
                            message -> violations.add(violation(intent, RejectionCode.INVALID_FIELD, field, message)));
        }
    }
}
