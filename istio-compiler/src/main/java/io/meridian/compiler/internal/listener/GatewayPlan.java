package io.meridian.compiler.internal.listener;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.listener.GatewayServer.Family;
import io.meridian.compiler.internal.route.GatewayRoutes;
import io.meridian.compiler.internal.service.Client;
import io.meridian.model.istio.Gateway;
import io.meridian.model.istio.Protocol;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Listeners and routes of a gateway proxy: the servers of all Gateways that select it, merged by address and port. Of servers that speak
 * differently on one address and port, those of the oldest's kind count.
 *
 * @param gateways that select it, the oldest first
 * @param ports service ports to the ports that the proxy listens on; a port that is not among them is its own
 */
public record GatewayPlan(Client client, List<ResourceKey> gateways, Map<Integer, Integer> ports)
        implements Query<GatewayPlan.Plan> {

    public record Plan(List<GatewayListener> listeners, List<GatewayRoutes> routes) {}

    private record Place(String bind, int port) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::bind).thenComparingInt(Place::port);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    @Override
    public Plan compute(Tracked view) {
        TreeMap<Place, List<GatewayServer>> places = new TreeMap<>();
        for (ResourceKey key : gateways) {
            List<Gateway.Server> servers =
                    view.row(Inputs.GATEWAYS, key).map(Gateway::servers).orElse(List.of());
            for (Gateway.Server server : servers) {
                int number = server.port().number();
                Place place =
                        new Place(server.bind().orElse(Listeners.ANY_ADDRESS), ports.getOrDefault(number, number));
                places.computeIfAbsent(place, none -> new ArrayList<>()).add(new GatewayServer(key, server));
            }
        }
        List<GatewayListener> listeners = new ArrayList<>();
        Map<String, List<GatewayServer>> routed = new LinkedHashMap<>();
        places.forEach((place, all) -> {
            Family family = all.getFirst().family();
            List<GatewayServer> servers =
                    all.stream().filter(server -> server.family() == family).toList();
            List<GatewayListener.Chain> chains = new ArrayList<>();
            for (GatewayServer server : servers) {
                Optional<String> route = routeName(place, server);
                route.ifPresent(name ->
                        routed.computeIfAbsent(name, none -> new ArrayList<>()).add(server));
                chains.add(new GatewayListener.Chain(server, route));
            }
            listeners.add(new GatewayListener(client, place.bind(), place.port(), chains));
        });
        List<GatewayRoutes> routes = new ArrayList<>();
        routed.forEach((name, servers) -> routes.add(new GatewayRoutes(client, name, servers)));
        return new Plan(List.copyOf(listeners), List.copyOf(routes));
    }

    /** Istio's gatewayRDSRouteName; none for what is not HTTP. */
    private static Optional<String> routeName(Place place, GatewayServer server) {
        Gateway.Server spec = server.server();
        if (server.family() == Family.HTTP) {
            String bind = spec.bind().map(address -> "." + address).orElse("");
            return Optional.of("http." + place.port() + bind);
        }
        if (spec.port().protocol() == Protocol.HTTPS && server.terminatesTls()) {
            return Optional.of(
                    "https." + spec.port().number() + "." + spec.port().name() + "."
                            + server.gateway().name() + "." + server.gateway().namespace());
        }
        return Optional.empty();
    }
}
