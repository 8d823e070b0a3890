package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Routes for the traffic to some hosts.
 *
 * @param hosts empty for one that only others delegate to
 * @param gateways names of Gateways, {@code namespace/name}, or {@value #MESH} for the sidecars, which is also the meaning of an empty list
 * @param exportTo namespaces that see it; {@code .} its own, {@code *} all; empty: the mesh's default
 * @param http in order: the first that matches wins
 */
public record VirtualService(
        List<String> hosts,
        List<String> gateways,
        List<String> exportTo,
        List<HttpRoute> http,
        List<TlsRoute> tls,
        List<TcpRoute> tcp)
        implements IstioSpec {
    /** The reserved gateway name that means all sidecars. */
    public static final String MESH = "mesh";

    /** {@code weight}: 0 when unset; a lone destination takes everything whatever its weight. */
    public record WeightedDestination(Destination destination, int weight) {}

    /** A route by SNI, of TLS that is not terminated. At least one match. */
    public record TlsRoute(List<TlsMatch> matches, List<WeightedDestination> route) {
        public TlsRoute {
            matches = List.copyOf(matches);
            route = List.copyOf(route);
        }
    }

    /** A route of opaque connections; without matches it takes all. */
    public record TcpRoute(List<TcpMatch> matches, List<WeightedDestination> route) {
        public TcpRoute {
            matches = List.copyOf(matches);
            route = List.copyOf(route);
        }
    }

    /** All conditions must hold; an empty one always does. {@code destinationSubnets} are addresses or CIDRs. */
    public record TlsMatch(
            List<String> sniHosts,
            List<String> destinationSubnets,
            OptionalInt port,
            Map<String, String> sourceLabels,
            List<String> gateways,
            Optional<String> sourceNamespace) {
        public TlsMatch {
            sniHosts = List.copyOf(sniHosts);
            destinationSubnets = List.copyOf(destinationSubnets);
            sourceLabels = Ordered.copyOf(sourceLabels);
            gateways = List.copyOf(gateways);
        }
    }

    /** All conditions must hold; an empty one always does. Subnets are addresses or CIDRs. */
    public record TcpMatch(
            List<String> destinationSubnets,
            OptionalInt port,
            Optional<String> sourceSubnet,
            Map<String, String> sourceLabels,
            List<String> gateways,
            Optional<String> sourceNamespace) {
        public TcpMatch {
            destinationSubnets = List.copyOf(destinationSubnets);
            sourceLabels = Ordered.copyOf(sourceLabels);
            gateways = List.copyOf(gateways);
        }
    }

    public VirtualService {
        hosts = List.copyOf(hosts);
        gateways = List.copyOf(gateways);
        exportTo = List.copyOf(exportTo);
        http = List.copyOf(http);
        tls = List.copyOf(tls);
        tcp = List.copyOf(tcp);
    }
}
