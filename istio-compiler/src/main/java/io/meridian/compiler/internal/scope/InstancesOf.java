package io.meridian.compiler.internal.scope;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.ClusterObject;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.InventoryFeed;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Instance;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.internal.service.ServicePorts;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.ServiceEntry;
import io.meridian.model.istio.WorkloadEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What a workload serves, whether it is ready or not: of its cluster's services, and of ServiceEntries that select it or have its address. */
record InstancesOf(
        Optional<ClusterObject> workload, String namespace, Map<String, String> labels, List<String> addresses)
        implements Query<List<Instance>> {
    @Override
    public List<Instance> compute(Tracked view) {
        TreeSet<Instance> instances = new TreeSet<>();
        workload.ifPresent(name -> registered(view, name, instances));
        view.bucket(Inputs.SELECTING_ENTRIES, namespace).forEach((age, selector) -> {
            if (labels.entrySet().containsAll(selector.entrySet())) {
                entry(view, age, Map.of(), instances);
            }
        });
        for (String address : addresses) {
            for (Age age : view.bucket(Inputs.ENTRIES_BY_ADDRESS, address).keySet()) {
                Optional<WorkloadEntry> endpoint = view.row(Inputs.SERVICE_ENTRIES, age.key()).stream()
                        .flatMap(entry -> entry.endpoints().stream())
                        .filter(candidate -> candidate.address().equals(Optional.of(address)))
                        .findFirst();
                endpoint.ifPresent(found -> entry(view, age, found.ports(), instances));
            }
        }
        return List.copyOf(instances);
    }

    private static void registered(Tracked view, ClusterObject name, TreeSet<Instance> instances) {
        for (InventoryEndpoint endpoint : view.bucket(Inputs.SERVED, name).values()) {
            ClusterObject service = new ClusterObject(name.cluster(), name.namespace(), endpoint.getService());
            Optional<InventoryService> told = view.row(Inputs.REGISTRY, service);
            if (told.isEmpty()) {
                continue;
            }
            ServiceKey key = new ServiceKey(InventoryFeed.hostOf(told.get()), name.namespace());
            for (ServicePort port : view.get(new ServicePorts(key))) {
                if (port.protocol() != Protocol.UDP) {
                    int target = endpoint.getPortsOrDefault(port.name(), port.number());
                    instances.add(new Instance(key, port.number(), target, port.protocol()));
                }
            }
        }
    }

    private static void entry(Tracked view, Age age, Map<String, Integer> ports, TreeSet<Instance> instances) {
        Optional<ServiceEntry> entry = view.row(Inputs.SERVICE_ENTRIES, age.key());
        for (String host : entry.map(ServiceEntry::hosts).orElse(List.of())) {
            ServiceKey key = new ServiceKey(host, age.key().namespace());
            for (ServicePort port : view.get(new ServicePorts(key))) {
                if (port.protocol() != Protocol.UDP) {
                    int target = ports.getOrDefault(port.name(), port.targetPort());
                    instances.add(new Instance(key, port.number(), target, port.protocol()));
                }
            }
        }
    }
}
