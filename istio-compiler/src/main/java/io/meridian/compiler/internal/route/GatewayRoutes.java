package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.listener.GatewayServer;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.Visibility;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.ServerTlsSettings;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The routes of a gateway's port: a virtual host for each host that both a server and a VirtualService have; without any, whoever asks gets
 * 404.
 *
 * @param servers that share the route configuration, at least one, the oldest first
 */
public record GatewayRoutes(Client client, String name, List<GatewayServer> servers) implements Query<XdsResource> {
    @Override
    public List<? extends Fact<?>> origins() {
        return servers.stream()
                .map(server -> Inputs.GATEWAYS.row(server.gateway()))
                .toList();
    }

    @Override
    public XdsResource compute(Tracked view) {
        List<Chunk<GatewayVirtualHost>> hosts = view.get(new Table(client, servers));
        List<VirtualHost> last = hosts.isEmpty()
                ? List.of(VirtualHost.newBuilder()
                        .setName("blackhole:"
                                + servers.getFirst().server().port().number())
                        .addDomains("*")
                        .build())
                : List.of();
        return view.resource(XdsType.ROUTE, name, RouteBytes.of(view, name, hosts, last));
    }

    /** Which virtual hosts there are; apart from what is in them. */
    private record Table(Client client, List<GatewayServer> servers) implements Query<List<Chunk<GatewayVirtualHost>>> {
        @Override
        public boolean isSurvey() {
            return true;
        }

        @Override
        public List<Chunk<GatewayVirtualHost>> compute(Tracked view) {
            TreeMap<String, Host> hosts = new TreeMap<>();
            for (GatewayServer server : servers) {
                if (redirects(server)) {
                    for (String host : server.server().hosts()) {
                        hosts.computeIfAbsent(dnsName(host), name -> new Host()).redirects = true;
                    }
                }
                view.bucket(Inputs.GATEWAY_VIRTUAL_SERVICES, server.gatewayName())
                        .forEach((age, ref) -> {
                            if (Visibility.isVisible(ref.exportTo(), age.key().namespace(), client.namespace())) {
                                for (String host : common(server, age.key().namespace(), ref.hosts())) {
                                    hosts.computeIfAbsent(host, name -> new Host())
                                            .virtualServices
                                            .computeIfAbsent(age, oldest -> new TreeSet<>())
                                            .add(server.gatewayName());
                                }
                            }
                        });
            }
            int port = servers.getFirst().server().port().number();
            boolean tls = servers.getFirst().server().port().protocol().isTls();
            List<GatewayVirtualHost> table = new ArrayList<>();
            hosts.forEach((name, host) -> {
                List<GatewayVirtualHost.Use> uses = new ArrayList<>();
                host.virtualServices.forEach(
                        (age, gateways) -> uses.add(new GatewayVirtualHost.Use(age.key(), gateways)));
                table.add(new GatewayVirtualHost(client, name, port, tls, host.redirects, List.copyOf(uses)));
            });
            return RouteBytes.chunks(table);
        }

        private static boolean redirects(GatewayServer server) {
            return server.server().tls().map(ServerTlsSettings::httpsRedirect).orElse(false);
        }

        private static String dnsName(String host) {
            return host.substring(host.indexOf('/') + 1);
        }

        /** The narrower of each pair of hosts that overlap. */
        private static TreeSet<String> common(GatewayServer server, String namespace, List<String> virtualHosts) {
            TreeSet<String> common = new TreeSet<>();
            for (String host : server.server().hosts()) {
                if (isOpenTo(host, server.gateway(), namespace)) {
                    String own = dnsName(host);
                    for (String theirs : virtualHosts) {
                        narrower(own, theirs).ifPresent(common::add);
                    }
                }
            }
            return common;
        }

        private static Optional<String> narrower(String one, String other) {
            if (HostNames.covers(one, other)) {
                return Optional.of(other);
            }
            return HostNames.covers(other, one) ? Optional.of(one) : Optional.empty();
        }

        private static boolean isOpenTo(String host, ResourceKey gateway, String namespace) {
            int slash = host.indexOf('/');
            String owner = slash < 0 ? "*" : host.substring(0, slash);
            return switch (owner) {
                case "*" -> true;
                case "." -> gateway.namespace().equals(namespace);
                default -> owner.equals(namespace);
            };
        }
    }

    /** In the making: the VirtualServices with the gateways that each is for. */
    private static final class Host {
        private final TreeMap<Age, TreeSet<String>> virtualServices = new TreeMap<>();
        private boolean redirects;
    }
}
