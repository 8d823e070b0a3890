package io.meridian.compiler.internal.listener;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.route.SidecarRoutes;
import io.meridian.compiler.internal.route.VirtualServiceChoice;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListener;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.OutboundPolicy;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServiceOf;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.model.istio.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which outbound listeners a sidecar has. An address and port is taken by the first of: a Sidecar's egress entries in their order, HTTP ports,
 * others; within these by host.
 *
 * @param dnsDomain of the client
 */
public record SidecarOutbound(Client client, String dnsDomain, InterceptionMode mode) implements Query<OutboundPlan> {
    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public OutboundPlan compute(Tracked view) {
        Draft draft =
                new Draft(view, view.get(new OutboundPolicy(client.sidecar())).passesUnknown());
        List<EgressListener> listeners = view.get(new EgressListeners(client.namespace(), client.sidecar()));
        for (EgressListener listener : listeners) {
            if (listener.port().isPresent()) {
                draft.named(
                        listener,
                        listener.port().get().number(),
                        listener.port().get().protocol());
            }
        }
        for (EgressListener listener : listeners) {
            if (listener.port().isEmpty()) {
                draft.catchAll(listener, true);
                draft.catchAll(listener, false);
            }
        }
        return new OutboundPlan(chunks(draft.listeners), chunks(draft.routes));
    }

    private static List<Chunk<Planned>> chunks(SortedMap<String, Query<XdsResource>> planned) {
        List<Planned> all = new ArrayList<>(planned.size());
        planned.forEach((name, resource) -> all.add(new Planned(name, resource)));
        return Chunk.split(all, Planned::name);
    }

    private final class Draft {
        private final Tracked view;
        private final boolean passesUnknown;
        private final SortedMap<String, Query<XdsResource>> listeners = new TreeMap<>();
        private final SortedMap<String, Query<XdsResource>> routes = new TreeMap<>();

        Draft(Tracked view, boolean passesUnknown) {
            this.view = view;
            this.passesUnknown = passesUnknown;
        }

        /** For an egress entry with a port. */
        void named(EgressListener listener, int port, Protocol protocol) {
            boolean bindsToPort = bindsToPort(listener);
            String bind = listener.bind().orElse(defaultBind(bindsToPort));
            if (protocol.isHttp() || protocol == Protocol.AUTO) {
                http(bind, port, bindsToPort);
                return;
            }
            VirtualServiceChoice choice = new VirtualServiceChoice(listener.virtualServices());
            List<TcpListener.Target> targets = new ArrayList<>();
            listener.services()
                    .keySet()
                    .forEach(host -> targets.add(new TcpListener.Target(host, protocol, choice.of(host))));
            if (!targets.isEmpty()) {
                boolean bySni = protocol.isTls();
                tcp(bind, port, bindsToPort, bySni, bySni ? targets : targets.subList(0, 1));
            }
        }

        /** For an entry without a port: by the ports of its services. */
        void catchAll(EgressListener listener, boolean http) {
            boolean bindsToPort = bindsToPort(listener);
            VirtualServiceChoice choice = new VirtualServiceChoice(listener.virtualServices());
            Map<Integer, List<TcpListener.Target>> bySni = new LinkedHashMap<>();
            for (ServiceKey key : listener.services().values()) {
                Optional<Service> service = view.get(new ServiceOf(key));
                if (service.isEmpty()) {
                    continue;
                }
                for (ServicePort port : service.get().ports()) {
                    boolean sniffedHttp = port.isSniffed()
                            && (bindsToPort || service.get().addresses().isEmpty());
                    boolean isHttp = port.protocol().isHttp() || sniffedHttp;
                    if (http && isHttp) {
                        http(listener.bind().orElse(defaultBind(bindsToPort)), port.number(), bindsToPort);
                    } else if (!http && !isHttp && port.protocol() != Protocol.UDP) {
                        TcpListener.Target target =
                                new TcpListener.Target(key.host(), port.protocol(), choice.of(key.host()));
                        opaque(listener, service.get(), port, target, bindsToPort, bySni);
                    }
                }
            }
            bySni.forEach((port, targets) ->
                    tcp(listener.bind().orElse(defaultBind(bindsToPort)), port, bindsToPort, true, targets));
        }

        private void opaque(
                EgressListener listener,
                Service service,
                ServicePort port,
                TcpListener.Target target,
                boolean bindsToPort,
                Map<Integer, List<TcpListener.Target>> bySni) {
            List<String> addresses = service.addresses().stream()
                    .filter(address -> !address.contains("/"))
                    .toList();
            if (bindsToPort || addresses.isEmpty()) {
                if (port.protocol().isTls()) {
                    bySni.computeIfAbsent(port.number(), number -> new ArrayList<>())
                            .add(target);
                } else {
                    tcp(
                            listener.bind().orElse(defaultBind(bindsToPort)),
                            port.number(),
                            bindsToPort,
                            false,
                            List.of(target));
                }
                return;
            }
            for (String address : addresses) {
                if (port.isSniffed()) {
                    sniffed(address, port.number(), target.host());
                } else {
                    tcp(address, port.number(), false, false, List.of(target));
                }
            }
        }

        private void http(String bind, int port, boolean bindsToPort) {
            String routeName = bind.startsWith("unix://") ? bind : Integer.toString(port);
            if (isReserved(bind, port, bindsToPort)) {
                return;
            }
            listeners.putIfAbsent(
                    Listeners.name(bind, port),
                    new HttpListener(bind, port, bindsToPort, routeName, passesUnknown, Optional.empty()));
            routes.putIfAbsent(routeName, new SidecarRoutes(client, dnsDomain, routeName, port, Optional.empty()));
        }

        private void sniffed(String address, int port, String host) {
            String routeName = host + ":" + port;
            listeners.putIfAbsent(
                    Listeners.name(address, port),
                    new HttpListener(
                            address,
                            port,
                            false,
                            routeName,
                            passesUnknown,
                            Optional.of(ClusterNames.outbound(port, "", host))));
            routes.putIfAbsent(routeName, new SidecarRoutes(client, dnsDomain, routeName, port, Optional.of(host)));
        }

        private void tcp(String bind, int port, boolean bindsToPort, boolean bySni, List<TcpListener.Target> targets) {
            if (isReserved(bind, port, bindsToPort)) {
                return;
            }
            listeners.putIfAbsent(
                    Listeners.name(bind, port),
                    new TcpListener(client, bind, port, bindsToPort, bySni, List.copyOf(targets), passesUnknown));
        }

        /** Two listeners of one address would be refused. */
        private static boolean isReserved(String bind, int port, boolean bindsToPort) {
            return !bindsToPort
                    && bind.equals(Listeners.ANY_ADDRESS)
                    && (port == VirtualOutbound.PORT || port == VirtualInbound.PORT);
        }

        private boolean bindsToPort(EgressListener listener) {
            return switch (listener.captureMode()) {
                case NONE -> true;
                case IPTABLES -> false;
                case DEFAULT -> mode == InterceptionMode.NONE;
            };
        }

        private String defaultBind(boolean bindsToPort) {
            return bindsToPort ? Listeners.LOOPBACK : Listeners.ANY_ADDRESS;
        }
    }
}
