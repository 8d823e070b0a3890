package io.meridian.model.mesh;

import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.IngressGatewaySpec.LoadBalancer;
import io.meridian.api.type.v1.IngressGatewaySpec.PortMapping;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The ingress gateways that run in a mesh's clusters. */
final class IngressGatewayDecisions {
    private static final int MAX_REPLICAS = 100;
    private static final int MAX_PORT = 65535;
    private static final String DEFAULT_NAMESPACE = "istio-system";

    /** Those of Istio's Gateway servers (istio.io, Gateway, Port.protocol). */
    private static final List<String> PROTOCOLS = List.of("HTTP", "HTTPS", "GRPC", "HTTP2", "MONGO", "TCP", "TLS");

    private IngressGatewayDecisions() {}

    static Decision deploy(MeshState state, String name, IngressGatewaySpec asked) {
        if (state.ingressGateways().containsKey(name)) {
            return Violations.rejected(
                    RejectionCode.INGRESS_GATEWAY_ALREADY_EXISTS,
                    object(name),
                    "name",
                    "mesh " + state.id() + " has an ingress gateway " + name + " already; update it, or choose another"
                            + " name");
        }
        IngressGatewaySpec spec = withDefaults(asked);
        return check(state, name, spec).orAccept(List.of(new MeshEvent.IngressGatewayDeployed(name, spec)));
    }

    static Decision update(MeshState state, String name, IngressGatewaySpec asked) {
        MeshState.Entry<IngressGatewaySpec> earlier = state.ingressGateways().get(name);
        if (earlier == null) {
            return notFound(state, name);
        }
        IngressGatewaySpec spec = withDefaults(asked);
        return check(state, name, spec)
                .orAccept(
                        spec.equals(earlier.spec())
                                ? List.of()
                                : List.of(new MeshEvent.IngressGatewayUpdated(name, spec)));
    }

    static Decision uninstall(MeshState state, String name) {
        return state.ingressGateways().containsKey(name)
                ? new Decision.Accepted(
                        List.of(new MeshEvent.IngressGatewayUninstalled(name, Optional.empty())), List.of())
                : notFound(state, name);
    }

    private static Decision notFound(MeshState state, String name) {
        return Violations.rejected(
                RejectionCode.INGRESS_GATEWAY_NOT_FOUND,
                object(name),
                "name",
                "mesh " + state.id() + " has no ingress gateway " + name);
    }

    private static IngressGatewaySpec withDefaults(IngressGatewaySpec asked) {
        IngressGatewaySpec.Builder spec = asked.toBuilder();
        if (asked.getNamespace().isEmpty()) {
            spec.setNamespace(DEFAULT_NAMESPACE);
        }
        if (asked.getLoadBalancer() == LoadBalancer.LOAD_BALANCER_UNSPECIFIED) {
            spec.setLoadBalancer(LoadBalancer.PUBLIC);
        }
        if (asked.getReplicas() == 0) {
            spec.setReplicas(1);
        }
        if (asked.getLabelsMap().isEmpty()) {
            spec.putLabels("istio", "ingressgateway");
        }
        for (int i = 0; i < asked.getPortsCount(); i++) {
            spec.setPorts(i, withDefaults(asked.getPorts(i)));
        }
        return spec.build();
    }

    /** As a Kubernetes Service does, a port without a target targets its own number. */
    private static PortMapping withDefaults(PortMapping asked) {
        PortMapping.Builder port = asked.toBuilder();
        port.setProtocol(
                asked.getProtocol().isEmpty() ? "HTTP" : asked.getProtocol().toUpperCase(Locale.ROOT));
        if (asked.getContainerPort() == 0) {
            port.setContainerPort(asked.getServicePort());
        }
        if (asked.getName().isEmpty()) {
            port.setName(port.getProtocol().toLowerCase(Locale.ROOT) + "-" + asked.getServicePort());
        }
        return port.build();
    }

    private static Violations check(MeshState state, String name, IngressGatewaySpec spec) {
        Violations violations = new Violations(object(name));
        KubernetesNames.requireDnsLabel(violations, name);
        if (!state.clusters().containsKey(spec.getCluster())) {
            violations.add(
                    RejectionCode.CLUSTER_NOT_FOUND,
                    "spec.cluster",
                    "mesh " + state.id() + " has no cluster '" + spec.getCluster() + "'; "
                            + ClusterDecisions.known(state));
        }
        if (!state.namespaces().containsKey(spec.getNamespace())) {
            violations.add(
                    RejectionCode.NAMESPACE_NOT_FOUND,
                    "spec.namespace",
                    NamespaceDecisions.missing(spec.getNamespace()));
        }
        violations.require(
                spec.getLoadBalancer() != LoadBalancer.UNRECOGNIZED,
                "spec.load_balancer",
                () -> "must be PUBLIC or INTRANET");
        violations.require(
                spec.getReplicas() >= 1 && spec.getReplicas() <= MAX_REPLICAS,
                "spec.replicas",
                () -> "is " + spec.getReplicas() + "; must be 1 to " + MAX_REPLICAS);
        KubernetesNames.requireLabels(violations, "spec.labels", spec.getLabelsMap());
        checkPorts(violations, spec.getPortsList());
        return violations;
    }

    private static void checkPorts(Violations violations, List<PortMapping> ports) {
        violations.require(
                !ports.isEmpty(), "spec.ports", () -> "must map at least one service port to a container port");
        Set<String> names = new HashSet<>();
        Set<Integer> servicePorts = new HashSet<>();
        Set<Integer> containerPorts = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            PortMapping port = ports.get(i);
            String field = "spec.ports[" + i + "]";
            violations.require(
                    names.add(port.getName()),
                    field + ".name",
                    () -> "'" + port.getName() + "' occurs twice; names of ports must be unique");
            requirePort(violations, field + ".service_port", port.getServicePort(), servicePorts);
            requirePort(violations, field + ".container_port", port.getContainerPort(), containerPorts);
            violations.require(
                    PROTOCOLS.contains(port.getProtocol()),
                    field + ".protocol",
                    () -> "'" + port.getProtocol() + "' must be one of " + String.join(", ", PROTOCOLS));
        }
    }

    private static void requirePort(Violations violations, String field, int port, Set<Integer> seen) {
        violations.require(port >= 1 && port <= MAX_PORT, field, () -> "is " + port + "; must be 1 to " + MAX_PORT);
        violations.require(
                seen.add(port), field, () -> "is " + port + ", which another port of the gateway has already");
    }

    private static String object(String name) {
        return "ingress gateway " + name;
    }
}
