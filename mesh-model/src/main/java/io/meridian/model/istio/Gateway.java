package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Listeners of load balancers at the edge.
 *
 * @param selector labels of the gateway workloads that it configures; empty: all
 */
public record Gateway(Map<String, String> selector, List<Server> servers) implements IstioSpec {

    /**
     * @param name unique in the Gateway if given
     * @param bind an address or {@code unix://} path; unset: all addresses
     * @param hosts DNS names, after {@code namespace/}, {@code ./} or {@code *}{@code /} if narrowed; a wildcard only in front
     */
    public record Server(
            Optional<String> name,
            Port port,
            Optional<String> bind,
            List<String> hosts,
            Optional<ServerTlsSettings> tls,
            Optional<String> defaultEndpoint) {
        public Server {
            hosts = List.copyOf(hosts);
        }
    }

    public Gateway {
        selector = Ordered.copyOf(selector);
        servers = List.copyOf(servers);
    }
}
