package io.meridian.model.mesh;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which data planes belong to a mesh. */
final class ClusterDecisions {
    private static final String DEFAULT_NETWORK = "default";

    private ClusterDecisions() {}

    static Decision add(MeshState state, String name, ClusterSpec asked) {
        if (state.clusters().containsKey(name)) {
            return Violations.rejected(
                    RejectionCode.CLUSTER_ALREADY_EXISTS,
                    object(name),
                    "name",
                    "mesh " + state.id() + " has a cluster " + name + " already; update it, or choose another name");
        }
        ClusterSpec spec = withDefaults(asked);
        return check(name, spec).orAccept(List.of(new MeshEvent.ClusterAdded(name, spec)));
    }

    static Decision update(MeshState state, String name, ClusterSpec asked) {
        MeshState.Entry<ClusterSpec> earlier = state.clusters().get(name);
        if (earlier == null) {
            return notFound(state, name);
        }
        ClusterSpec.Type type = earlier.spec().getType();
        ClusterSpec spec = withDefaults(
                asked.getType() == ClusterSpec.Type.TYPE_UNSPECIFIED
                        ? asked.toBuilder().setType(type).build()
                        : asked);
        Violations violations = check(name, spec);
        violations.require(
                spec.getType() == type,
                "spec.type",
                () -> "stays " + type + "; to change it, remove the cluster and add it again");
        return violations.orAccept(
                spec.equals(earlier.spec()) ? List.of() : List.of(new MeshEvent.ClusterUpdated(name, spec)));
    }

    static Decision remove(MeshState state, String name) {
        if (!state.clusters().containsKey(name)) {
            return notFound(state, name);
        }
        List<MeshEvent> events = new ArrayList<>();
        state.ingressGateways().forEach((gateway, entry) -> {
            if (entry.spec().getCluster().equals(name)) {
                events.add(new MeshEvent.IngressGatewayUninstalled(gateway, Optional.of(name)));
            }
        });
        events.add(new MeshEvent.ClusterRemoved(name));
        return new Decision.Accepted(events, List.of());
    }

    /** "its clusters are a, b", for messages about a name that is not among them. */
    static String known(MeshState state) {
        return state.clusters().isEmpty()
                ? "it has no clusters yet"
                : "its clusters are " + String.join(", ", state.clusters().keySet());
    }

    private static Decision notFound(MeshState state, String name) {
        return Violations.rejected(
                RejectionCode.CLUSTER_NOT_FOUND,
                object(name),
                "name",
                "mesh " + state.id() + " has no cluster " + name + "; " + known(state));
    }

    private static ClusterSpec withDefaults(ClusterSpec asked) {
        return asked.getNetwork().isEmpty()
                ? asked.toBuilder().setNetwork(DEFAULT_NETWORK).build()
                : asked;
    }

    private static Violations check(String name, ClusterSpec spec) {
        Violations violations = new Violations(object(name));
        KubernetesNames.requireDnsLabel(violations, name);
        violations.require(
                spec.getType() != ClusterSpec.Type.TYPE_UNSPECIFIED && spec.getType() != ClusterSpec.Type.UNRECOGNIZED,
                "spec.type",
                () -> "must be KUBERNETES_MANAGED, KUBERNETES_DEDICATED, KUBERNETES_SERVERLESS, VIRTUAL_MACHINES or"
                        + " SELF_MANAGED");
        violations.require(
                MeshId.isValid(spec.getNetwork()),
                "spec.network",
                () -> "'" + spec.getNetwork() + "' is not a network's name (a DNS label)");
        requireLocality(violations, "spec.region", spec.getRegion());
        requireLocality(violations, "spec.zone", spec.getZone());
        KubernetesNames.requireLabels(violations, "spec.labels", spec.getLabelsMap());
        return violations;
    }

    /** Kubernetes carries region and zone in labels (topology.kubernetes.io), so their rule is that of a label's value. */
    private static void requireLocality(Violations violations, String field, String value) {
        violations.require(
                KubernetesNames.isLabelValue(value),
                field,
                () -> "'" + value + "' must be empty, or up to 63 letters, digits, '-', '_' and '.', with a letter or"
                        + " digit first and last");
    }

    private static String object(String name) {
        return "cluster " + name;
    }
}
