package io.meridian.model.mesh;

import io.meridian.api.type.v1.NamespaceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The namespaces that a mesh's objects live in. */
final class NamespaceDecisions {
    /** Made with the mesh, deleted only with it. */
    static final Set<String> OF_EVERY_MESH = Set.of("default", "istio-system");

    private NamespaceDecisions() {}

    static Decision create(MeshState state, String name, NamespaceSpec spec) {
        if (state.namespaces().containsKey(name)) {
            return Violations.rejected(
                    RejectionCode.NAMESPACE_ALREADY_EXISTS,
                    object(name),
                    "name",
                    "mesh " + state.id() + " has a namespace " + name + " already; update it to change its labels");
        }
        return check(name, spec).orAccept(List.of(new MeshEvent.NamespaceCreated(name, spec)));
    }

    static Decision update(MeshState state, String name, NamespaceSpec spec) {
        MeshState.Entry<NamespaceSpec> earlier = state.namespaces().get(name);
        if (earlier == null) {
            return notFound(name);
        }
        return check(name, spec)
                .orAccept(
                        spec.equals(earlier.spec()) ? List.of() : List.of(new MeshEvent.NamespaceUpdated(name, spec)));
    }

    /** Everything in it goes first, as Kubernetes does; in one command, so that nothing is left behind half done. */
    static Decision delete(MeshState state, String name) {
        if (!state.namespaces().containsKey(name)) {
            return notFound(name);
        }
        if (OF_EVERY_MESH.contains(name) || name.equals(state.spec().getRootNamespace())) {
            return Violations.rejected(
                    RejectionCode.NAMESPACE_PROTECTED,
                    object(name),
                    "name",
                    "namespace " + name + " belongs to the mesh and is deleted only with it; delete the objects in it"
                            + " instead");
        }
        List<MeshEvent> events = new ArrayList<>();
        List<MeshEvent.ResourceChange> deletions = state.resources().keySet().stream()
                .filter(key -> key.namespace().equals(name))
                .<MeshEvent.ResourceChange>map(MeshEvent.ResourceDeleted::new)
                .toList();
        if (!deletions.isEmpty()) {
            events.add(new MeshEvent.ResourcesApplied(deletions, Optional.empty()));
        }
        state.ingressGateways().forEach((gateway, entry) -> {
            if (entry.spec().getNamespace().equals(name)) {
                events.add(new MeshEvent.IngressGatewayUninstalled(gateway, Optional.empty()));
            }
        });
        events.add(new MeshEvent.NamespaceDeleted(name));
        return new Decision.Accepted(events, List.of());
    }

    static String missing(String name) {
        return "there is no namespace '" + name + "' in the mesh; create it first, for example with 'meridian namespace"
                + " create " + name + "'";
    }

    private static Decision notFound(String name) {
        return Violations.rejected(RejectionCode.NAMESPACE_NOT_FOUND, object(name), "name", missing(name));
    }

    private static Violations check(String name, NamespaceSpec spec) {
        Violations violations = new Violations(object(name));
        KubernetesNames.requireDnsLabel(violations, name);
        KubernetesNames.requireLabels(violations, "spec.labels", spec.getLabelsMap());
        KubernetesNames.requireAnnotations(violations, "spec.annotations", spec.getAnnotationsMap());
        return violations;
    }

    private static String object(String name) {
        return "namespace " + name;
    }
}
