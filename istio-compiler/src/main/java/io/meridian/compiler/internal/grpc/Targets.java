package io.meridian.compiler.internal.grpc;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.route.VirtualServiceChoice;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListener;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.internal.service.ServicePorts;
import io.meridian.model.istio.Port;
import io.meridian.model.istio.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that a client can make channels to: the HTTP ports of the services that it sees, and those whose protocol nobody told. As for a sidecar, a
 * port is cut out by the Sidecar's first egress entry of that port, or else by its first without port. No wildcards, as in Istio.
 */
record Targets(Client client) implements Query<List<Target>> {
    @Override
    public List<Target> compute(Tracked view) {
        List<EgressListener> listeners = view.get(new EgressListeners(client.namespace(), client.sidecar()));
        Map<Integer, EgressListener> byPort = new TreeMap<>();
        Optional<EgressListener> anyPort = Optional.empty();
        for (EgressListener listener : listeners) {
            if (listener.port().isPresent()) {
                byPort.putIfAbsent(listener.port().map(Port::number).orElseThrow(), listener);
            } else {
                anyPort = anyPort.or(() -> Optional.of(listener));
            }
        }
        List<Target> targets = new ArrayList<>();
        byPort.values().forEach(listener -> add(view, listener, byPort, targets));
        anyPort.ifPresent(listener -> add(view, listener, byPort, targets));
        return List.copyOf(targets);
    }

    private static void add(
            Tracked view, EgressListener listener, Map<Integer, EgressListener> byPort, List<Target> targets) {
        VirtualServiceChoice choice = new VirtualServiceChoice(listener.virtualServices());
        for (ServiceKey service : listener.services().values()) {
            if (service.host().startsWith("*")) {
                continue;
            }
            for (ServicePort port : view.get(new ServicePorts(service))) {
                boolean meant = listener.port()
                        .map(own -> own.number() == port.number())
                        .orElse(!byPort.containsKey(port.number()));
                if (meant && (port.protocol().isHttp() || port.protocol() == Protocol.AUTO)) {
                    targets.add(new Target(service, port.number(), choice.of(service.host())));
                }
            }
        }
    }
}
