package io.meridian.compiler.internal.scope;

import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ingress gateway that a proxy is a pod of: of its cluster and namespace, the one whose name its name begins with, as the longest; else the
 * first whose labels the proxy has.
 *
 * @param labels that the proxy tells of itself
 */
record IngressGatewayOf(String cluster, String namespace, String name, Map<String, String> labels)
        implements Query<IngressGatewayOf.Deployment> {
    private static final String DEFAULT_NAMESPACE = "istio-system";
    private static final Map<String, String> DEFAULT_LABELS = Map.of("istio", "ingressgateway");

    /** {@code ports}: service ports to container ports. */
    record Deployment(Map<String, String> labels, Map<Integer, Integer> ports) {
        static final Deployment NONE = new Deployment(Map.of(), Map.of());
    }

    @Override
    public Deployment compute(Tracked view) {
        String best = "";
        IngressGatewaySpec found = null;
        for (Map.Entry<String, IngressGatewaySpec> candidate :
                view.bucket(Inputs.INGRESS_GATEWAYS, Inputs.ALL).entrySet()) {
            String gateway = candidate.getKey();
            boolean named = name.equals(gateway) || name.startsWith(gateway + "-");
            if (named && isHere(candidate.getValue()) && gateway.length() > best.length()) {
                best = gateway;
                found = candidate.getValue();
            }
        }
        if (found == null && !labels.isEmpty()) {
            found = view.bucket(Inputs.INGRESS_GATEWAYS, Inputs.ALL).values().stream()
                    .filter(spec -> isHere(spec)
                            && labels.entrySet().containsAll(labelsOf(spec).entrySet()))
                    .findFirst()
                    .orElse(null);
        }
        return found == null ? Deployment.NONE : new Deployment(labelsOf(found), ports(found));
    }

    private boolean isHere(IngressGatewaySpec spec) {
        String own = spec.getNamespace().isEmpty() ? DEFAULT_NAMESPACE : spec.getNamespace();
        return spec.getCluster().equals(cluster) && own.equals(namespace);
    }

    private static Map<String, String> labelsOf(IngressGatewaySpec spec) {
        return spec.getLabelsCount() == 0 ? DEFAULT_LABELS : new TreeMap<>(spec.getLabelsMap());
    }

    private static Map<Integer, Integer> ports(IngressGatewaySpec spec) {
        TreeMap<Integer, Integer> ports = new TreeMap<>();
        for (IngressGatewaySpec.PortMapping port : spec.getPortsList()) {
            if (port.getContainerPort() > 0) {
                ports.put(port.getServicePort(), port.getContainerPort());
            }
        }
        return ports;
    }
}
