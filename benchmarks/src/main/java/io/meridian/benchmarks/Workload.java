package io.meridian.benchmarks;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The mesh that is measured: services with endpoints, the first of them with a VirtualService and a DestinationRule. Immutable.
 *
 * @param namespaces that the services are spread over; 1: all are in "default". With more of them each has a Sidecar that cuts what its
 *     proxies see to its own services
 */
record Workload(int services, int endpoints, int rules, int namespaces) {
    static final int PORT = 8080;

    /** Of service {@code service}. */
    String namespace(int service) {
        return namespaces == 1 ? "default" : "ns-" + service % namespaces;
    }

    List<String> allNamespaces() {
        return IntStream.range(0, namespaces).mapToObj(this::namespace).toList();
    }

    List<InventoryObject> inventory() {
        List<InventoryObject> objects = new ArrayList<>();
        for (int s = 0; s < services; s++) {
            objects.add(InventoryObject.newBuilder()
                    .setService(InventoryService.newBuilder()
                            .setNamespace(namespace(s))
                            .setName("svc-" + s)
                            .addAddresses("10.96." + s / 250 + "." + (s % 250 + 1))
                            .addPorts(InventoryService.ServicePort.newBuilder()
                                    .setName("http")
                                    .setPort(PORT)))
                    .build());
            for (int e = 0; e < endpoints; e++) {
                objects.add(workload(s, e, address(s, e)));
                objects.add(InventoryObject.newBuilder()
                        .setEndpoint(InventoryEndpoint.newBuilder()
                                .setNamespace(namespace(s))
                                .setService("svc-" + s)
                                .setWorkload(name(s, e))
                                .putPorts("http", PORT))
                        .build());
            }
        }
        return objects;
    }

    InventoryObject workload(int service, int endpoint, String address) {
        return InventoryObject.newBuilder()
                .setWorkload(InventoryWorkload.newBuilder()
                        .setNamespace(namespace(service))
                        .setName(name(service, endpoint))
                        .addAddresses(address)
                        .putLabels("app", "svc-" + service)
                        .putLabels("version", "v" + (endpoint % 2 + 1))
                        .setState(InventoryWorkload.State.READY))
                .build();
    }

    private static String address(int service, int endpoint) {
        return "10." + (10 + service / 250) + "." + service % 250 + "." + (endpoint + 1);
    }

    private static String name(int service, int endpoint) {
        return "svc-" + service + "-" + endpoint;
    }

    /** All Istio resources, as YAML documents. */
    String resources() {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < rules; i++) {
            yaml.append(virtualService(namespace(i), i, 50))
                    .append("---\n")
                    .append(destinationRule(i))
                    .append("---\n");
        }
        if (namespaces > 1) {
            allNamespaces().forEach(namespace -> yaml.append("""
                    apiVersion: networking.istio.io/v1
                    kind: Sidecar
                    metadata: {name: default, namespace: %s}
                    spec:
                      egress:
                        - hosts: ["./*"]
                    ---
                    """.formatted(namespace)));
        }
        return yaml.toString();
    }

    static String virtualService(String namespace, int service, int weightOfV1) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: svc-%1$d, namespace: %4$s}
                spec:
                  hosts: [svc-%1$d]
                  http:
                    - route:
                        - destination: {host: svc-%1$d, subset: v1}
                          weight: %2$d
                        - destination: {host: svc-%1$d, subset: v2}
                          weight: %3$d
                """.formatted(service, weightOfV1, 100 - weightOfV1, namespace);
    }

    /** Never what is there already, not even after an earlier run. */
    static String unseenVirtualService(String namespace, int service, int weightOfV1) {
        return virtualService(namespace, service, weightOfV1)
                .replace("- route:", "- name: r-" + System.nanoTime() + "\n      route:");
    }

    private String destinationRule(int service) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: svc-%1$d, namespace: %2$s}
                spec:
                  host: svc-%1$d
                  subsets:
                    - name: v1
                      labels: {version: v1}
                    - name: v2
                      labels: {version: v2}
                """.formatted(service, namespace(service));
    }
}
