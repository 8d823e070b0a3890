package io.meridian.compiler.internal.service;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.ClusterObject;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.model.istio.ServiceEntry;
import io.meridian.model.istio.WorkloadEntry;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The endpoints of a service's port that get traffic: of the clusters in the order of their names, then of ServiceEntries. Whoever is not
 * ready, or drains, is not among them; a workload whose state nobody told counts as ready.
 *
 * <p>Networks are taken to reach each other: endpoints of all networks are told to everyone.
 */
public record EndpointsOf(ServiceKey key, int port) implements Query<List<Endpoint>> {

    /** The workload behind an endpoint; empty strings where there is none to name. */
    public record Origin(String workload, String namespace, String cluster) {
        public static final Origin NONE = new Origin("", "", "");
    }

    @Override
    public List<Endpoint> compute(Tracked view) {
        Optional<ServicePort> servicePort = view.get(new ServiceOf(key)).flatMap(service -> service.port(port));
        if (servicePort.isEmpty()) {
            return List.of();
        }
        // One address and port of a service is one endpoint, whoever else names it again.
        Map<String, Endpoint> endpoints = new LinkedHashMap<>();
        for (ClusterObject service : view.bucket(Inputs.REGISTERED, key).keySet()) {
            for (InventoryEndpoint member :
                    view.bucket(Inputs.ENDPOINTS, service).values()) {
                int target = member.getPortsOrDefault(servicePort.get().name(), port);
                ClusterObject workload =
                        new ClusterObject(service.cluster(), service.namespace(), member.getWorkload());
                add(endpoints, ofWorkload(view, workload, target));
            }
        }
        for (Age age : view.bucket(Inputs.ENTRIES_OF_SERVICE, key).keySet()) {
            Optional<ServiceEntry> entry = view.row(Inputs.SERVICE_ENTRIES, age.key());
            if (entry.isPresent()) {
                ofEntry(view, entry.get(), servicePort.get()).forEach(endpoint -> add(endpoints, endpoint));
            }
        }
        return List.copyOf(endpoints.values());
    }

    private static void add(Map<String, Endpoint> endpoints, Endpoint endpoint) {
        endpoints.putIfAbsent(endpoint.address() + " " + endpoint.port(), endpoint);
    }

    private static void add(Map<String, Endpoint> endpoints, List<Endpoint> more) {
        more.forEach(endpoint -> add(endpoints, endpoint));
    }

    private static List<Endpoint> ofWorkload(Tracked view, ClusterObject name, int port) {
        Optional<InventoryWorkload> workload = view.row(Inputs.WORKLOADS, name);
        if (workload.isEmpty() || !isReady(workload.get())) {
            return List.of();
        }
        InventoryWorkload told = workload.get();
        // One address each, as Istio takes the first of a pod's; the others are the same place under another family.
        return told.getAddressesList().stream()
                .limit(1)
                .map(address -> new Endpoint(
                        address,
                        port,
                        new TreeMap<>(told.getLabelsMap()),
                        told.getLocality().isEmpty() ? localityOf(view, name.cluster()) : told.getLocality(),
                        Math.max(1, told.getWeight()),
                        new Origin(name.name(), name.namespace(), name.cluster())))
                .toList();
    }

    private static boolean isReady(InventoryWorkload workload) {
        return switch (workload.getState()) {
            case READY, STATE_UNSPECIFIED -> true;
            case NOT_READY, DRAINING, UNRECOGNIZED -> false;
        };
    }

    /** Where the workloads of a cluster are that don't say it themselves. */
    public static String localityOf(Tracked view, String cluster) {
        ClusterSpec spec = view.row(Inputs.CLUSTERS, cluster).orElse(ClusterSpec.getDefaultInstance());
        return spec.getZone().isEmpty() ? spec.getRegion() : spec.getRegion() + "/" + spec.getZone();
    }

    private List<Endpoint> ofEntry(Tracked view, ServiceEntry entry, ServicePort servicePort) {
        int target = entry.ports().stream()
                .filter(candidate -> candidate.number() == port)
                .findFirst()
                .map(found -> found.targetPort().orElse(found.number()))
                .orElse(servicePort.targetPort());
        if (entry.workloadSelector().isEmpty()) {
            return entry.endpoints().stream()
                    .flatMap(endpoint -> ofWorkloadEntry(endpoint, servicePort.name(), target, Origin.NONE).stream())
                    .toList();
        }
        Map<String, String> selector = entry.workloadSelector().get();
        List<Endpoint> selected = new ArrayList<>();
        view.bucket(Inputs.WORKLOADS_OF, key.namespace()).forEach((name, labels) -> {
            if (labels.entrySet().containsAll(selector.entrySet())) {
                selected.addAll(ofWorkload(view, name, target));
            }
        });
        view.bucket(Inputs.WORKLOAD_ENTRIES_OF, key.namespace()).forEach((name, labels) -> {
            if (labels.entrySet().containsAll(selector.entrySet())) {
                selected.addAll(ofWorkloadEntry(view, name, servicePort.name(), target));
            }
        });
        return selected;
    }

    private static List<Endpoint> ofWorkloadEntry(Tracked view, ResourceKey name, String portName, int target) {
        return view
                .row(Inputs.WORKLOAD_ENTRIES, name)
                .flatMap(entry ->
                        ofWorkloadEntry(entry, portName, target, new Origin(name.name(), name.namespace(), "")))
                .stream()
                .toList();
    }

    private static Optional<Endpoint> ofWorkloadEntry(WorkloadEntry entry, String portName, int target, Origin origin) {
        return entry.address()
                .map(address -> new Endpoint(
                        address,
                        address.startsWith("unix://") ? 0 : entry.ports().getOrDefault(portName, target),
                        entry.labels(),
                        entry.locality().orElse(""),
                        Math.max(1, entry.weight().orElse(1)),
                        origin));
    }
}
