package io.meridian.benchmarks;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import java.util.ArrayList;
import java.util.List;

/** The mesh that is measured: services with endpoints, some of them with a VirtualService and a DestinationRule. */
final class Workload {
    static final int PORT = 8080;
    private static final String NAMESPACE = "default";

    private Workload() {}

    static List<InventoryObject> inventory(int services, int endpoints) {
        List<InventoryObject> objects = new ArrayList<>();
        for (int s = 0; s < services; s++) {
            objects.add(InventoryObject.newBuilder()
                    .setService(InventoryService.newBuilder()
                            .setNamespace(NAMESPACE)
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
                                .setNamespace(NAMESPACE)
                                .setService("svc-" + s)
                                .setWorkload(name(s, e))
                                .putPorts("http", PORT))
                        .build());
            }
        }
        return objects;
    }

    static InventoryObject workload(int service, int endpoint, String address) {
        return InventoryObject.newBuilder()
                .setWorkload(InventoryWorkload.newBuilder()
                        .setNamespace(NAMESPACE)
                        .setName(name(service, endpoint))
                        .addAddresses(address)
                        .putLabels("app", "svc-" + service)
                        .putLabels("version", "v" + (endpoint % 2 + 1))
                        .setState(InventoryWorkload.State.READY))
                .build();
    }

    static String address(int service, int endpoint) {
        return "10." + (10 + service / 250) + "." + service % 250 + "." + (endpoint + 1);
    }

    private static String name(int service, int endpoint) {
        return "svc-" + service + "-" + endpoint;
    }

    static String resources(int count) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < count; i++) {
            yaml.append(virtualService(i, 50))
                    .append("---\n")
                    .append(destinationRule(i))
                    .append("---\n");
        }
        return yaml.toString();
    }

    static String virtualService(int service, int weightOfV1) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: svc-%1$d, namespace: default}
                spec:
                  hosts: [svc-%1$d]
                  http:
                    - route:
                        - destination: {host: svc-%1$d, subset: v1}
                          weight: %2$d
                        - destination: {host: svc-%1$d, subset: v2}
                          weight: %3$d
                """.formatted(service, weightOfV1, 100 - weightOfV1);
    }

    private static String destinationRule(int service) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: svc-%1$d, namespace: default}
                spec:
                  host: svc-%1$d
                  subsets:
                    - name: v1
                      labels: {version: v1}
                    - name: v2
                      labels: {version: v2}
                """.formatted(service);
    }
}
