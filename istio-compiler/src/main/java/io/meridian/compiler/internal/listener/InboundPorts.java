package io.meridian.compiler.internal.listener;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.listener.InboundPort.Upstream;
import io.meridian.compiler.internal.service.Instance;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.Sidecar;
import io.meridian.model.istio.Sidecar.CaptureMode;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a sidecar takes traffic in: as its Sidecar resource says, else at the ports of its services. Without redirection only the former: at
 * the services' ports the application itself listens.
 *
 * @param instances sorted
 * @param address of the workload, where the Sidecar speaks of it ({@link #needsAddress}); else empty
 */
public record InboundPorts(
        Optional<ResourceKey> sidecar, InterceptionMode mode, List<Instance> instances, String address)
        implements Query<List<InboundPort>> {
    @Override
    public List<InboundPort> compute(Tracked view) {
        Optional<Sidecar> resource = sidecar.flatMap(key -> view.row(Inputs.SIDECARS, key));
        Optional<ConnectionPoolSettings> pool = resource.flatMap(Sidecar::inboundConnectionPool);
        List<Sidecar.Ingress> ingress = resource.map(Sidecar::ingress).orElse(List.of());
        List<InboundPort> ports = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        if (!ingress.isEmpty()) {
            for (Sidecar.Ingress entry : ingress) {
                InboundPort port = of(entry, pool);
                if (taken.add(port.bind().orElse("") + "_" + port.port())) {
                    ports.add(port);
                }
            }
        } else if (mode != InterceptionMode.NONE) {
            for (Instance instance : instances) {
                if (taken.add("_" + instance.targetPort())) {
                    ports.add(of(instance, pool));
                }
            }
        }
        return List.copyOf(ports);
    }

    private InboundPort of(Instance instance, Optional<ConnectionPoolSettings> pool) {
        return new InboundPort(
                instance.targetPort(),
                instance.protocol(),
                Optional.empty(),
                Optional.empty(),
                instance.service().host(),
                instance.servicePort(),
                instance.service().namespace(),
                pool,
                Optional.empty(),
                pool.flatMap(told -> sidecar));
    }

    private InboundPort of(Sidecar.Ingress entry, Optional<ConnectionPoolSettings> pool) {
        int number = entry.port().number();
        boolean bound = entry.captureMode() == CaptureMode.NONE
                || (entry.captureMode() == CaptureMode.DEFAULT && mode == InterceptionMode.NONE);
        Optional<String> bind = bound ? Optional.of(entry.bind().orElse(Listeners.ANY_ADDRESS)) : Optional.empty();
        Optional<Instance> served = instances.stream()
                .filter(instance -> instance.targetPort() == number || instance.servicePort() == number)
                .findFirst()
                .or(() -> instances.stream().findFirst());
        return new InboundPort(
                number,
                entry.port().protocol(),
                bind,
                entry.defaultEndpoint()
                        .flatMap(this::upstream)
                        .or(() -> bound ? Optional.of(new Upstream(Listeners.LOOPBACK, number)) : Optional.empty()),
                served.map(instance -> instance.service().host()).orElse(""),
                served.map(Instance::servicePort).orElse(number),
                served.map(instance -> instance.service().namespace()).orElse(""),
                entry.connectionPool().or(() -> pool),
                entry.tls(),
                sidecar);
    }

    private Optional<Upstream> upstream(String endpoint) {
        if (endpoint.startsWith("unix://")) {
            return Optional.of(new Upstream(endpoint, 0));
        }
        int colon = endpoint.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = endpoint.substring(0, colon).replace("[", "").replace("]", "");
        try {
            int port = Integer.parseInt(endpoint.substring(colon + 1));
            String to = host.isEmpty() ? Listeners.LOOPBACK : host;
            return Optional.of(new Upstream(isAny(to) ? address : to, port));
        } catch (NumberFormatException e) {
            // Only in a spec that validation refused; as if it were not there.
            return Optional.empty();
        }
    }

    private static boolean isAny(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    /** Whether the Sidecar sends traffic to the workload's own address. */
    public static boolean needsAddress(Sidecar sidecar) {
        return sidecar.ingress().stream()
                .flatMap(entry -> entry.defaultEndpoint().stream())
                .anyMatch(endpoint -> endpoint.startsWith("0.0.0.0:") || endpoint.startsWith("[::]:"));
    }
}
