package io.meridian.cli.demo;

import io.meridian.cli.demo.BookinfoInventory.Workload;
import io.meridian.cli.demo.DemoLayout.Proxy;
import io.meridian.cli.demo.DemoLayout.Region;
import io.meridian.cli.demo.DemoLayout.Sidecar;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who the demo's Envoys are, and what the mesh has to know of those of workloads: their Sidecar resources. */
final class DemoProxies {
    static final Map<String, String> INGRESS_LABELS = Map.of("istio", "ingressgateway", "app", "istio-ingressgateway");

    private static final String ISTIO_VERSION = "1.27.0";

    private final DemoLayout layout;

    DemoProxies(DemoLayout layout) {
        this.layout = layout;
    }

    /** "sidecar~127.0.20.11~productpage-v1.default~default.svc.cluster.local". */
    String nodeId(Proxy proxy) {
        String type = proxy.equals(layout.ingress()) ? "router" : "sidecar";
        return "%s~%s~%s.%s~%s.svc.cluster.local"
                .formatted(type, proxy.address(), proxy.name(), proxy.namespace(), proxy.namespace());
    }

    EnvoyBootstrap ingress() {
        return bootstrap(layout.ingress(), INGRESS_LABELS, "istio-ingressgateway");
    }

    EnvoyBootstrap sidecar(Sidecar sidecar, Workload workload) {
        return bootstrap(
                sidecar.proxy(), workload.spec().getLabelsMap(), workload.spec().getServiceAccount());
    }

    /**
     * One Sidecar resource per workload, as YAML: its Envoy takes what comes for the workload at the workload's own address, and what the application
     * sends at another, since nothing redirects traffic on loopback. Hosts that the mesh does not know are refused: the egress listener is no
     * address of theirs, so passing their traffic on would send it back to that listener.
     */
    String sidecarResources(List<Workload> workloads) {
        StringBuilder yaml = new StringBuilder();
        for (Sidecar sidecar : layout.sidecars()) {
            Workload workload = workload(workloads, sidecar.proxy().name());
            StringBuilder labels = new StringBuilder();
            workload.spec().getLabelsMap().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(label -> labels.append(labels.isEmpty() ? "" : ", ")
                            .append(label.getKey())
                            .append(": ")
                            .append(label.getValue()));
            yaml.append("""
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: Sidecar
                    metadata: {name: %s, namespace: %s}
                    spec:
                      workloadSelector:
                        labels: {%s}
                      outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                      ingress:
                        - port: {number: %d, name: http, protocol: HTTP}
                          bind: %s
                          defaultEndpoint: 127.0.0.1:%d
                      egress:
                        - port: {number: %d, name: http, protocol: HTTP}
                          bind: %s
                          hosts: ["./*", "istio-system/*"]
                    """.formatted(
                            sidecar.proxy().name(),
                            sidecar.proxy().namespace(),
                            labels,
                            DemoLayout.SERVICE_PORT,
                            sidecar.proxy().address(),
                            sidecar.appPort(),
                            DemoLayout.SERVICE_PORT,
                            sidecar.egress()));
        }
        return yaml.toString();
    }

    static Workload workload(List<Workload> workloads, String name) {
        return workloads.stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DemoException("the inventory has no workload " + name));
    }

    private EnvoyBootstrap bootstrap(Proxy proxy, Map<String, String> labels, String serviceAccount) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("MESH_ID", DemoLayout.MESH);
        metadata.put("CLUSTER_ID", proxy.cluster());
        metadata.put("NAME", proxy.name());
        metadata.put("NAMESPACE", proxy.namespace());
        metadata.put("WORKLOAD_NAME", proxy.name());
        metadata.put("SERVICE_ACCOUNT", serviceAccount);
        metadata.put("LABELS", labels);
        metadata.put("INSTANCE_IPS", proxy.address());
        metadata.put("INTERCEPTION_MODE", "NONE");
        metadata.put("ISTIO_VERSION", ISTIO_VERSION);
        return new EnvoyBootstrap(
                nodeId(proxy),
                proxy.name() + "." + proxy.namespace(),
                metadata,
                DemoClusters.region(),
                DemoClusters.zone(proxy.cluster()),
                xdsAddresses(proxy.region()),
                proxy.adminPort(),
                proxy.delta());
    }

    /** The proxy's own region first, then the others in their order from there on. */
    private List<String> xdsAddresses(String first) {
        List<Region> regions = new ArrayList<>(layout.regions());
        int start = layout.regionNames().indexOf(first);
        int count = regions.size();
        regions.sort(Comparator.comparingInt(region -> Math.floorMod(region.index() - 1 - start, count)));
        return regions.stream().map(Region::xdsAddress).toList();
    }
}
