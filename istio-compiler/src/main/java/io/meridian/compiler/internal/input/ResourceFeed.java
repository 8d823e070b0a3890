package io.meridian.compiler.internal.input;

import io.meridian.compiler.internal.graph.Index;
import io.meridian.compiler.internal.graph.Store;
import io.meridian.compiler.internal.graph.Table;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.Gateway;
import io.meridian.model.istio.GatewayNames;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.istio.IstioSpec;
import io.meridian.model.istio.IstioSpecs;
import io.meridian.model.istio.ServiceEntry;
import io.meridian.model.istio.Sidecar;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.istio.WorkloadEntry;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps the tables and indexes of the Istio resources. Remembers what it wrote for each, so as to take it back. */
final class ResourceFeed {
    private final Store store;
    private final Map<ResourceKey, Known> known = new HashMap<>();

    private record Known(Resource resource, IstioSpec spec, Map<Place, Object> written) {}

    /** Where a value is written. */
    private sealed interface Place {
        void put(Store store, Object value);

        void remove(Store store);
    }

    private record InTable<V>(Table<ResourceKey, V> table, ResourceKey key) implements Place {
        // Only the table's own values are written under its places.
        @Override
        @SuppressWarnings("unchecked")
        public void put(Store store, Object value) {
            store.put(table, key, (V) value);
        }

        @Override
        public void remove(Store store) {
            store.remove(table, key);
        }
    }

    private record InIndex<K, E extends Comparable<? super E>, V>(Index<K, E, V> index, K bucket, E entry)
            implements Place {
        // Only the index's own values are written under its places.
        @Override
        @SuppressWarnings("unchecked")
        public void put(Store store, Object value) {
            store.put(index, bucket, entry, (V) value);
        }

        @Override
        public void remove(Store store) {
            store.remove(index, bucket, entry);
        }
    }

    ResourceFeed(Store store) {
        this.store = store;
    }

    Set<ResourceKey> keys() {
        return known.keySet();
    }

    /** {@code resource}: null if it is gone. */
    void set(ResourceKey key, @Nullable Resource resource) {
        Known before = known.get(key);
        if (resource == null || IstioKinds.find(key.group(), key.kind()).isEmpty()) {
            if (before != null) {
                replace(before.written, Map.of());
                known.remove(key);
            }
            return;
        }
        if (before != null && before.resource.equals(resource)) {
            return;
        }
        IstioSpec spec = before != null && before.resource.spec().equals(resource.spec())
                ? before.spec
                : IstioSpecs.parse(resource);
        Writer writer = new Writer(new Age(resource.created(), key));
        writer.write(spec, resource);
        replace(before == null ? Map.of() : before.written, writer.written);
        known.put(key, new Known(resource, spec, writer.written));
    }

    /** Touches nothing that stays as it was. */
    private void replace(Map<Place, Object> before, Map<Place, Object> now) {
        before.keySet().forEach(place -> {
            if (!now.containsKey(place)) {
                place.remove(store);
            }
        });
        now.forEach((place, value) -> {
            if (!value.equals(before.get(place))) {
                place.put(store, value);
            }
        });
    }

    /** Finds out what is to be written of a resource. */
    private static final class Writer {
        private final Age age;
        private final ResourceKey key;
        private final Map<Place, Object> written = new LinkedHashMap<>();

        Writer(Age age) {
            this.age = age;
            this.key = age.key();
        }

        private <K, E extends Comparable<? super E>, V> void put(Index<K, E, V> index, K bucket, E entry, V value) {
            written.put(new InIndex<>(index, bucket, entry), value);
        }

        private <V> void put(Table<ResourceKey, V> table, V value) {
            written.put(new InTable<>(table, key), value);
        }

        void write(IstioSpec spec, Resource resource) {
            switch (spec) {
                case VirtualService service -> virtualService(service);
                case DestinationRule rule -> destinationRule(rule);
                case Gateway gateway -> {
                    put(Inputs.GATEWAYS, gateway);
                    put(Inputs.GATEWAY_SELECTORS, Inputs.ALL, age, gateway.selector());
                }
                case ServiceEntry entry -> serviceEntry(entry);
                case Sidecar sidecar -> {
                    put(Inputs.SIDECARS, sidecar);
                    put(Inputs.SIDECARS_OF, key.namespace(), age, sidecar.workloadSelector());
                }
                case WorkloadEntry entry -> workloadEntry(entry, resource);
            }
        }

        private void virtualService(VirtualService service) {
            put(Inputs.VIRTUAL_SERVICES, service);
            Set<String> hosts = new LinkedHashSet<>();
            service.hosts().forEach(host -> hosts.add(HostNames.resolve(host, key.namespace())));
            VirtualServiceRef ref = new VirtualServiceRef(service.exportTo(), List.copyOf(hosts));
            boolean forMesh = service.gateways().isEmpty() || service.gateways().contains(VirtualService.MESH);
            if (forMesh && !hosts.isEmpty()) {
                put(Inputs.MESH_VIRTUAL_SERVICES, Inputs.ALL, age, ref);
                put(Inputs.MESH_VIRTUAL_SERVICES, key.namespace(), age, ref);
            }
            for (String gateway : service.gateways()) {
                if (!gateway.equals(VirtualService.MESH)) {
                    put(Inputs.GATEWAY_VIRTUAL_SERVICES, GatewayNames.resolve(gateway, key.namespace()), age, ref);
                }
            }
            service.http().forEach(route -> route.matches().forEach(match -> asks(match.sourceLabels())));
            service.tls().forEach(route -> route.matches().forEach(match -> asks(match.sourceLabels())));
            service.tcp().forEach(route -> route.matches().forEach(match -> asks(match.sourceLabels())));
        }

        private void asks(Map<String, String> ofClients) {
            ofClients.forEach(
                    (label, value) -> put(Inputs.CLIENT_LABELS, Inputs.ALL, new LabelUse(label, value, age), ""));
        }

        private void destinationRule(DestinationRule rule) {
            put(Inputs.DESTINATION_RULES, rule);
            if (LocalityRules.isOne(rule)) {
                put(Inputs.LOCALITY_RULES, Inputs.ALL, age, "");
            }
            String host = HostNames.resolve(rule.host(), key.namespace());
            RuleRef ref = new RuleRef(rule.exportTo(), rule.workloadSelector());
            if (host.startsWith("*")) {
                put(Inputs.WILDCARD_RULES, key.namespace(), new WildcardUse(host, age), ref);
            } else {
                put(Inputs.RULES_BY_HOST, new HostIn(key.namespace(), host), age, ref);
            }
            rule.workloadSelector().ifPresent(this::asks);
        }

        private void serviceEntry(ServiceEntry entry) {
            put(Inputs.SERVICE_ENTRIES, entry);
            for (String host : new LinkedHashSet<>(entry.hosts())) {
                ServiceKey service = new ServiceKey(host, key.namespace());
                put(Inputs.ENTRIES_OF_SERVICE, service, age, "");
                ServiceSource source = new ServiceSource(service, "entry/" + key.name());
                put(Inputs.SERVICES, Inputs.ALL, source, "");
                put(Inputs.SERVICES, key.namespace(), source, "");
                put(Inputs.SERVICES_BY_HOST, host, source, "");
            }
            entry.workloadSelector()
                    .ifPresent(selector -> put(Inputs.SELECTING_ENTRIES, key.namespace(), age, selector));
            entry.endpoints().stream()
                    .flatMap(endpoint -> endpoint.address().stream())
                    .distinct()
                    .forEach(address -> put(Inputs.ENTRIES_BY_ADDRESS, address, age, ""));
        }

        private void workloadEntry(WorkloadEntry entry, Resource resource) {
            Map<String, String> labels = new TreeMap<>(resource.labels());
            labels.putAll(entry.labels());
            WorkloadEntry labelled = new WorkloadEntry(
                    entry.address(),
                    entry.ports(),
                    labels,
                    entry.network(),
                    entry.locality(),
                    entry.weight(),
                    entry.serviceAccount());
            put(Inputs.WORKLOAD_ENTRIES, labelled);
            put(Inputs.WORKLOAD_ENTRIES_OF, key.namespace(), key, labelled.labels());
        }
    }
}
