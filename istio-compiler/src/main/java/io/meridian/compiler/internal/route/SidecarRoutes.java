package io.meridian.compiler.internal.route;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListener;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.OutboundPolicy;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.internal.service.ServicePorts;
import io.meridian.compiler.translate.RouteConfigurations;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.Protocol;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The outbound routes of a port.
 *
 * @param name of the route configuration: the port, or {@code HOST:PORT} where the protocol is only known from the first bytes
 * @param onlyHost the host of such a name
 */
public record SidecarRoutes(Client client, String dnsDomain, String name, int port, Optional<String> onlyHost)
        implements Query<XdsResource> {
    /** Where hosts without service are routed: the port that HTTP clients mean when they name none (as Istio). */
    private static final int HTTP_PORT = 80;

    @Override
    public XdsResource compute(Tracked view) {
        List<VirtualHostPart> hosts = new ArrayList<>();
        for (SidecarVirtualHost host : view.get(new Table(client, dnsDomain, port, onlyHost))) {
            hosts.add(view.get(host));
        }
        var rest = view.get(new OutboundPolicy(client.sidecar())).passesUnknown()
                ? RouteConfigurations.allowAny()
                : RouteConfigurations.blockAll();
        return view.resource(XdsType.ROUTE, name, RouteBytes.of(name, hosts, List.of(VirtualHostPart.of(rest))));
    }

    /** Which virtual hosts there are; apart from what is in them. */
    private record Table(Client client, String dnsDomain, int port, Optional<String> onlyHost)
            implements Query<List<SidecarVirtualHost>> {
        @Override
        public boolean isSurvey() {
            return true;
        }

        @Override
        public List<SidecarVirtualHost> compute(Tracked view) {
            Optional<EgressListener> listener =
                    listener(view.get(new EgressListeners(client.namespace(), client.sidecar())));
            if (listener.isEmpty()) {
                return List.of();
            }
            VirtualServiceChoice choice =
                    new VirtualServiceChoice(listener.get().virtualServices());
            List<SidecarVirtualHost> table = new ArrayList<>();
            listener.get().services().forEach((host, service) -> {
                if (onlyHost.map(host::equals).orElse(true) && isHttp(view, service)) {
                    table.add(row(host, Optional.of(service), choice.of(host)));
                }
            });
            if (port == HTTP_PORT && onlyHost.isEmpty()) {
                for (String host : choice.hosts()) {
                    boolean hasService = listener.get().services().keySet().stream()
                            .anyMatch(service -> HostNames.covers(host, service));
                    if (!hasService) {
                        table.add(row(host, Optional.empty(), choice.of(host)));
                    }
                }
            }
            return List.copyOf(table);
        }

        /** The first of that port, else the first of any port. */
        private Optional<EgressListener> listener(List<EgressListener> listeners) {
            return listeners.stream()
                    .filter(listener ->
                            listener.port().map(own -> own.number() == port).orElse(false))
                    .findFirst()
                    .or(() -> listeners.stream()
                            .filter(listener -> listener.port().isEmpty())
                            .findFirst());
        }

        private boolean isHttp(Tracked view, ServiceKey service) {
            return view.get(new ServicePorts(service)).stream()
                    .filter(candidate -> candidate.number() == port)
                    .map(ServicePort::protocol)
                    .anyMatch(protocol -> protocol.isHttp() || protocol == Protocol.AUTO);
        }

        private SidecarVirtualHost row(
                String host, Optional<ServiceKey> service, Optional<ResourceKey> virtualService) {
            return new SidecarVirtualHost(client, dnsDomain, host, port, service, virtualService);
        }
    }
}
