package io.meridian.compiler.internal.service;

import io.meridian.api.type.v1.InventoryService;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Service.Resolution;
import io.meridian.model.istio.Port;
import io.meridian.model.istio.ServiceEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The service of that name, from the clusters' registries in the order of their names, then from ServiceEntries, the oldest first. */
public record ServiceOf(ServiceKey key) implements Query<Optional<Service>> {
    /** Kubernetes has no field for it (Istio, "networking.istio.io/exportTo"). */
    private static final String EXPORT_TO = "networking.istio.io/exportTo";

    @Override
    public Optional<Service> compute(Tracked view) {
        List<InventoryService> registered =
                List.copyOf(view.bucket(Inputs.REGISTERED, key).values());
        List<ServiceEntry> entries = new ArrayList<>();
        for (Age age : view.bucket(Inputs.ENTRIES_OF_SERVICE, key).keySet()) {
            view.row(Inputs.SERVICE_ENTRIES, age.key()).ifPresent(entries::add);
        }
        if (registered.isEmpty() && entries.isEmpty()) {
            return Optional.empty();
        }
        TreeMap<Integer, ServicePort> ports = new TreeMap<>();
        TreeSet<String> addresses = new TreeSet<>();
        for (InventoryService service : registered) {
            service.getPortsList().forEach(port -> ports.putIfAbsent(port.getPort(), port(port)));
            addresses.addAll(service.getAddressesList());
        }
        for (ServiceEntry entry : entries) {
            entry.ports().forEach(port -> ports.putIfAbsent(port.number(), port(port)));
            addresses.addAll(entry.addresses());
        }
        boolean external = registered.isEmpty() && entries.getFirst().location() == ServiceEntry.Location.MESH_EXTERNAL;
        return Optional.of(new Service(
                key,
                registered.isEmpty() ? key.host() : registered.getFirst().getName(),
                List.copyOf(ports.values()),
                List.copyOf(addresses),
                registered.isEmpty() ? resolution(entries.getFirst()) : Resolution.ENDPOINTS,
                external,
                registered.isEmpty() ? entries.getFirst().exportTo() : exportTo(registered.getFirst()),
                registered.isEmpty() ? entries.getFirst().subjectAltNames() : List.of()));
    }

    private static ServicePort port(InventoryService.ServicePort port) {
        return new ServicePort(port.getPort(), port.getName(), PortProtocols.of(port), port.getPort());
    }

    private static ServicePort port(Port port) {
        return new ServicePort(
                port.number(), port.name(), port.protocol(), port.targetPort().orElse(port.number()));
    }

    private Resolution resolution(ServiceEntry entry) {
        return switch (entry.resolution()) {
            case NONE -> Resolution.ORIGINAL_DESTINATION;
            case STATIC -> Resolution.ENDPOINTS;
            case DNS -> Resolution.DNS;
            case DNS_ROUND_ROBIN -> Resolution.DNS_ROUND_ROBIN;
            // A name is only known from the request: without a forward proxy, where the client meant to go is the
            // nearest thing.
            case DYNAMIC_DNS -> key.host().startsWith("*") ? Resolution.ORIGINAL_DESTINATION : Resolution.DNS;
        };
    }

    private static List<String> exportTo(InventoryService service) {
        String text = service.getAnnotationsOrDefault(EXPORT_TO, "");
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(namespace -> !namespace.isEmpty())
                .toList();
    }
}
