package io.meridian.model.inventory;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.model.envoy.IpAddresses;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What an inventory object must look like. Whether an endpoint's service and workload exist is not asked: reports come in any order. */
public final class InventoryChecks {
    private static final int MAX_PORT = 65535;

    /** RFC 1123 subdomain, as pods and machines are named. */
    private static final Pattern SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private final String path;
    private final String object;
    private final List<Violation> violations = new ArrayList<>();

    private InventoryChecks(String path, String object) {
        this.path = path;
        this.object = object;
    }

    /** {@code path}: of the object in the request, "upserts[3]". Empty if it is fine. */
    public static List<Violation> check(String path, InventoryObject object) {
        return switch (object.getObjectCase()) {
            case SERVICE -> {
                InventoryService service = object.getService();
                yield new InventoryChecks(path + ".service", name("service", service.getNamespace(), service.getName()))
                        .service(service);
            }
            case WORKLOAD -> {
                InventoryWorkload workload = object.getWorkload();
                yield new InventoryChecks(
                                path + ".workload", name("workload", workload.getNamespace(), workload.getName()))
                        .workload(workload);
            }
            case ENDPOINT -> {
                InventoryEndpoint endpoint = object.getEndpoint();
                yield new InventoryChecks(
                                path + ".endpoint",
                                name(
                                        "endpoint",
                                        endpoint.getNamespace(),
                                        endpoint.getService() + "/" + endpoint.getWorkload()))
                        .endpoint(endpoint);
            }
            case OBJECT_NOT_SET ->
                List.of(new Violation(
                        RejectionCode.INVALID_FIELD, "", path, "must be a service, a workload or an endpoint"));
        };
    }

    private List<Violation> service(InventoryService service) {
        requireLabel("namespace", service.getNamespace());
        requireLabel("name", service.getName());
        require(
                service.getHost().isEmpty()
                        || SUBDOMAIN.matcher(service.getHost()).matches(),
                "host",
                "'" + service.getHost() + "' is not a host name in lower case");
        require(service.getPortsCount() > 0, "ports", "must have at least one port");
        Set<String> names = new HashSet<>();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < service.getPortsCount(); i++) {
            InventoryService.ServicePort port = service.getPorts(i);
            String field = "ports[" + i + "]";
            requirePort(field + ".port", port.getPort());
            require(numbers.add(port.getPort()), field + ".port", "port " + port.getPort() + " occurs twice");
            require(names.add(port.getName()), field + ".name", "the name '" + port.getName() + "' occurs twice");
            require(
                    Set.of("", "TCP", "UDP").contains(port.getProtocol()),
                    field + ".protocol",
                    "'" + port.getProtocol() + "' must be TCP or UDP");
        }
        requireAddresses(service.getAddressesList());
        return List.copyOf(violations);
    }

    private List<Violation> workload(InventoryWorkload workload) {
        requireLabel("namespace", workload.getNamespace());
        requireSubdomain("name", workload.getName());
        require(workload.getAddressesCount() > 0, "addresses", "must have at least one address");
        requireAddresses(workload.getAddressesList());
        require(workload.getWeight() >= 0, "weight", "is " + workload.getWeight() + "; must not be negative");
        require(
                workload.getState() != InventoryWorkload.State.UNRECOGNIZED,
                "state",
                "must be READY, NOT_READY or DRAINING");
        return List.copyOf(violations);
    }

    private List<Violation> endpoint(InventoryEndpoint endpoint) {
        requireLabel("namespace", endpoint.getNamespace());
        requireLabel("service", endpoint.getService());
        requireSubdomain("workload", endpoint.getWorkload());
        endpoint.getPortsMap().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(port -> requirePort("ports[" + port.getKey() + "]", port.getValue()));
        return List.copyOf(violations);
    }

    /** Numeric ones: names would have to be resolved by every proxy. */
    private void requireAddresses(List<String> addresses) {
        for (int i = 0; i < addresses.size(); i++) {
            String address = addresses.get(i);
            require(
                    IpAddresses.isValid(address),
                    "addresses[" + i + "]",
                    "'" + address + "' is not an IPv4 or IPv6 address");
        }
    }

    private void requireLabel(String field, String value) {
        require(MeshId.isValid(value), field, "'" + value + "' is not a DNS label (RFC 1123)");
    }

    private void requireSubdomain(String field, String value) {
        require(SUBDOMAIN.matcher(value).matches(), field, "'" + value + "' is not a DNS subdomain (RFC 1123)");
    }

    private void requirePort(String field, int port) {
        require(port >= 1 && port <= MAX_PORT, field, "is " + port + "; must be 1 to " + MAX_PORT);
    }

    private void require(boolean holds, String field, String message) {
        if (!holds) {
            violations.add(new Violation(RejectionCode.INVALID_FIELD, object, path + "." + field, message));
        }
    }

    private static String name(String kind, String namespace, String name) {
        return kind + " " + namespace + "/" + name;
    }
}
