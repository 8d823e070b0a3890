package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the proxies of a namespace, or of selected workloads, listen on and know of.
 *
 * @param workloadSelector labels; unset: all workloads of the namespace
 * @param ingress empty: derived from the workload's services
 * @param egress empty: that of the root namespace's Sidecar, or everything
 * @param outboundTrafficPolicy unset: the mesh's
 */
public record Sidecar(
        Optional<Map<String, String>> workloadSelector,
        List<Ingress> ingress,
        List<Egress> egress,
        Optional<ConnectionPoolSettings> inboundConnectionPool,
        Optional<OutboundTrafficPolicy> outboundTrafficPolicy)
        implements IstioSpec {

    /**
     * @param defaultEndpoint {@code 127.0.0.1:PORT}, {@code [::1]:PORT}, {@code 0.0.0.0:PORT}, {@code [::]:PORT} or {@code unix://PATH}; unset: as it came
     */
    public record Ingress(
            Port port,
            Optional<String> bind,
            CaptureMode captureMode,
            Optional<String> defaultEndpoint,
            Optional<ServerTlsSettings> tls,
            Optional<ConnectionPoolSettings> connectionPool) {}

    /**
     * @param port unset: a catch-all for the hosts that no other listener names
     * @param bind an address or {@code unix://} path
     * @param hosts {@code namespace/host} where namespace may be {@code *}, {@code .} or {@code ~} (none) and host {@code *} or begin with {@code *.}
     */
    public record Egress(Optional<Port> port, Optional<String> bind, CaptureMode captureMode, List<String> hosts) {
        public Egress {
            hosts = List.copyOf(hosts);
        }
    }

    /** How traffic comes to the listener. */
    public enum CaptureMode {
        /** As the proxy's environment says. */
        DEFAULT,
        IPTABLES,
        NONE
    }

    public record OutboundTrafficPolicy(Mode mode, Optional<Destination> egressProxy) {
        public enum Mode {
            /** The default of a Sidecar that has a policy. */
            REGISTRY_ONLY,
            ALLOW_ANY
        }
    }

    public Sidecar {
        workloadSelector = workloadSelector.map(Ordered::copyOf);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }
}
