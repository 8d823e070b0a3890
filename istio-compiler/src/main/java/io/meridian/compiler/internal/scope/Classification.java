package io.meridian.compiler.internal.scope;

import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ClusterObject;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.LabelUse;
import io.meridian.compiler.internal.listener.InboundPorts;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EndpointsOf;
import io.meridian.compiler.internal.service.Instance;
import io.meridian.compiler.internal.service.SidecarFor;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The scope class of a proxy. */
public record Classification(Proxy proxy) implements Query<ScopeClass> {
    @Override
    public ScopeClass compute(Tracked view) {
        return switch (proxy.type()) {
            case SIDECAR -> sidecar(view);
            case ROUTER -> gateway(view);
            case GRPC -> grpc(view);
        };
    }

    private ScopeClass sidecar(Tracked view) {
        Optional<ClusterObject> workload = view.get(new WorkloadOf(proxy.cluster(), proxy.namespace(), proxy.name()));
        Map<String, String> labels = labels(view, workload);
        Optional<ResourceKey> sidecar = view.get(new SidecarFor(proxy.namespace(), labels));
        Entry entry = sidecar.map(key -> view.get(new EntryOf(key))).orElse(Entry.UNTOLD);
        boolean needsInstances = entry.ingress() || proxy.interceptionMode() != Proxy.InterceptionMode.NONE;
        List<Instance> instances = needsInstances
                ? view.get(new InstancesOf(workload, proxy.namespace(), labels, proxy.addresses()))
                : List.of();
        return new ScopeClass.OfSidecar(
                new Client(proxy.namespace(), sidecar, asked(view, labels)),
                dnsDomain(),
                proxy.interceptionMode(),
                instances,
                entry.needsAddress() && !proxy.addresses().isEmpty()
                        ? proxy.addresses().getFirst()
                        : "",
                locality(view, workload));
    }

    /** How a Sidecar says that its workloads are entered, as far as that parts classes. */
    private record Entry(boolean ingress, boolean needsAddress) {
        static final Entry UNTOLD = new Entry(false, false);
    }

    /** Apart, so that a change of what a Sidecar lets out leaves the classes of its proxies alone. */
    private record EntryOf(ResourceKey sidecar) implements Query<Entry> {
        @Override
        public Entry compute(Tracked view) {
            return view.row(Inputs.SIDECARS, sidecar)
                    .map(resource -> new Entry(!resource.ingress().isEmpty(), InboundPorts.needsAddress(resource)))
                    .orElse(Entry.UNTOLD);
        }
    }

    private ScopeClass grpc(Tracked view) {
        Optional<ClusterObject> workload = view.get(new WorkloadOf(proxy.cluster(), proxy.namespace(), proxy.name()));
        Map<String, String> labels = labels(view, workload);
        List<Integer> serverPorts =
                view.get(new InstancesOf(workload, proxy.namespace(), labels, proxy.addresses())).stream()
                        .map(Instance::targetPort)
                        .distinct()
                        .sorted()
                        .toList();
        return new ScopeClass.OfGrpc(
                new Client(proxy.namespace(), view.get(new SidecarFor(proxy.namespace(), labels)), asked(view, labels)),
                dnsDomain(),
                serverPorts,
                locality(view, workload));
    }

    private String dnsDomain() {
        return proxy.domain().isEmpty() ? proxy.namespace() + ".svc.cluster.local" : proxy.domain();
    }

    private String locality(Tracked view, Optional<ClusterObject> workload) {
        if (view.bucket(Inputs.LOCALITY_RULES, Inputs.ALL).isEmpty()) {
            return "";
        }
        if (!proxy.locality().isEmpty()) {
            return proxy.locality();
        }
        return workload.flatMap(name -> view.row(Inputs.WORKLOADS, name))
                .map(InventoryWorkload::getLocality)
                .filter(told -> !told.isEmpty())
                .orElseGet(() -> EndpointsOf.localityOf(view, proxy.cluster()));
    }

    private Map<String, String> labels(Tracked view, Optional<ClusterObject> workload) {
        if (!proxy.labels().isEmpty()) {
            return new TreeMap<>(proxy.labels());
        }
        Optional<Map<String, String>> registered =
                workload.flatMap(name -> view.row(Inputs.WORKLOADS, name)).map(InventoryWorkload::getLabelsMap);
        return new TreeMap<>(registered.orElseGet(() -> entryLabels(view)));
    }

    /** Of the WorkloadEntry with its address: a machine. */
    private Map<String, String> entryLabels(Tracked view) {
        for (var entry :
                view.bucket(Inputs.WORKLOAD_ENTRIES_OF, proxy.namespace()).entrySet()) {
            boolean own = view.row(Inputs.WORKLOAD_ENTRIES, entry.getKey())
                    .flatMap(found -> found.address())
                    .filter(proxy.addresses()::contains)
                    .isPresent();
            if (own) {
                return entry.getValue();
            }
        }
        return Map.of();
    }

    private static Map<String, String> asked(Tracked view, Map<String, String> labels) {
        Map<String, Set<String>> questions = view.get(new AskedLabels());
        if (questions.isEmpty()) {
            return Map.of();
        }
        TreeMap<String, String> asked = new TreeMap<>();
        labels.forEach((label, value) -> {
            if (questions.getOrDefault(label, Set.of()).contains(value)) {
                asked.put(label, value);
            }
        });
        return asked;
    }

    /** Labels with the values that make a difference: whoever has another is like who has none. */
    private record AskedLabels() implements Query<Map<String, Set<String>>> {
        @Override
        public Map<String, Set<String>> compute(Tracked view) {
            Map<String, Set<String>> asked = new HashMap<>();
            for (LabelUse use : view.bucket(Inputs.CLIENT_LABELS, Inputs.ALL).keySet()) {
                asked.computeIfAbsent(use.label(), label -> new HashSet<>()).add(use.value());
            }
            return asked;
        }
    }

    private ScopeClass gateway(Tracked view) {
        var deployment =
                view.get(new IngressGatewayOf(proxy.cluster(), proxy.namespace(), proxy.name(), proxy.labels()));
        Map<String, String> labels = proxy.labels().isEmpty() ? deployment.labels() : proxy.labels();
        List<ResourceKey> gateways = new ArrayList<>();
        view.bucket(Inputs.GATEWAY_SELECTORS, Inputs.ALL).forEach((age, selector) -> {
            if (labels.entrySet().containsAll(selector.entrySet())) {
                gateways.add(age.key());
            }
        });
        return new ScopeClass.OfGateway(
                new Client(proxy.namespace(), Optional.empty(), asked(view, labels)),
                List.copyOf(gateways),
                deployment.ports(),
                locality(view, Optional.empty()));
    }
}
