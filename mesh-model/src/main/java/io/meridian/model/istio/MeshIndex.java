package io.meridian.model.istio;

import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The resources of one state by what refers to them. Immutable once made. */
final class MeshIndex {
    private final MeshState state;
    private final Map<ResourceKey, VirtualService> virtualServices = new TreeMap<>();
    private final Map<ResourceKey, Gateway> gateways = new TreeMap<>();
    private final Map<ResourceKey, Sidecar> sidecars = new TreeMap<>();
    /** Subset names by the full host name of their DestinationRules. */
    private final Map<String, Set<String>> subsets = new HashMap<>();

    private final Set<String> serviceEntryHosts = new TreeSet<>();
    /** The VirtualServices for sidecars by the full names of their hosts. */
    private final Map<String, Set<ResourceKey>> meshHosts = new HashMap<>();

    MeshIndex(MeshState state, ParsedSpecs specs) {
        this.state = state;
        for (Resource resource : state.resources().values()) {
            if (IstioKinds.find(resource.key().group(), resource.key().kind()).isPresent()) {
                add(resource.key(), specs.get(resource).spec());
            }
        }
    }

    private void add(ResourceKey key, IstioSpec spec) {
        switch (spec) {
            case VirtualService service -> add(key, service);
            case Gateway gateway -> gateways.put(key, gateway);
            case DestinationRule rule -> {
                Set<String> names = subsets.computeIfAbsent(
                        HostNames.resolve(rule.host(), key.namespace()), host -> new TreeSet<>());
                rule.subsets().forEach(subset -> names.add(subset.name()));
            }
            case ServiceEntry entry -> serviceEntryHosts.addAll(entry.hosts());
            case Sidecar sidecar -> sidecars.put(key, sidecar);
            case WorkloadEntry entry -> {}
        }
    }

    private void add(ResourceKey key, VirtualService service) {
        virtualServices.put(key, service);
        if (isForSidecars(service)) {
            for (String host : service.hosts()) {
                meshHosts
                        .computeIfAbsent(HostNames.resolve(host, key.namespace()), full -> new TreeSet<>())
                        .add(key);
            }
        }
    }

    static boolean isForSidecars(VirtualService service) {
        return service.gateways().isEmpty() || service.gateways().contains(VirtualService.MESH);
    }

    /** By identity: to compare states costs more than to index one. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(MeshState other) {
        return state == other;
    }

    Map<ResourceKey, VirtualService> virtualServices() {
        return virtualServices;
    }

    Map<ResourceKey, Sidecar> sidecars() {
        return sidecars;
    }

    Optional<Gateway> gateway(ResourceKey key) {
        return Optional.ofNullable(gateways.get(key));
    }

    /** {@code host} in full. */
    boolean hasSubset(String host, String subset) {
        return subsets.getOrDefault(host, Set.of()).contains(subset);
    }

    /** {@code host} in full. */
    Set<ResourceKey> virtualServicesForSidecars(String host) {
        return meshHosts.getOrDefault(host, Set.of());
    }

    /** Whether a ServiceEntry is for the host, itself or by a wildcard. */
    boolean hasServiceEntry(String host) {
        return serviceEntryHosts.contains(host)
                || serviceEntryHosts.stream().anyMatch(pattern -> HostNames.covers(pattern, host));
    }

    /** Whether an ingress gateway of the mesh has all of the labels. */
    boolean hasIngressGateway(Map<String, String> selector) {
        return state.ingressGateways().values().stream()
                .map(entry -> entry.spec().getLabelsMap())
                .map(labels -> labels.isEmpty() ? Map.of("istio", "ingressgateway") : labels)
                .anyMatch(labels -> labels.entrySet().containsAll(selector.entrySet()));
    }

    /** Of a Gateway as a VirtualService names it; empty for the sidecars. */
    static Optional<ResourceKey> gatewayKey(String name, String namespace) {
        if (name.equals(VirtualService.MESH)) {
            return Optional.empty();
        }
        String full = GatewayNames.resolve(name, namespace);
        int slash = full.indexOf('/');
        return Optional.of(key("Gateway", full.substring(0, slash), full.substring(slash + 1)));
    }

    static ResourceKey key(String kind, String namespace, String name) {
        return new ResourceKey(IstioKinds.NETWORKING, kind, namespace, name);
    }
}
