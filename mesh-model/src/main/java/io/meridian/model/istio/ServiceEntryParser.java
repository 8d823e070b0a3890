package io.meridian.model.istio;

import io.meridian.model.istio.ServiceEntry.Location;
import io.meridian.model.istio.ServiceEntry.Resolution;
import io.meridian.model.resource.ResourceKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

final class ServiceEntryParser {
    private ServiceEntryParser() {}

    static ServiceEntry parse(FieldReader in, ResourceKey key) {
        in.atMostOne("workloadSelector", "endpoints");
        Resolution resolution = in.enumeration("resolution", Resolution.class).orElse(Resolution.NONE);
        List<Port> ports = in.objects("ports", ServiceEntryParser::port);
        Optional<Map<String, String>> selector = FieldChecks.workloadSelector(in, "labels");
        ServiceEntry entry = new ServiceEntry(
                in.hosts("hosts"),
                in.strings("addresses"),
                ports,
                in.enumeration("location", Location.class).orElse(Location.MESH_EXTERNAL),
                resolution,
                in.objects("endpoints", endpoint -> endpoint(endpoint, ports, resolution)),
                selector,
                FieldChecks.exportTo(in, key.namespace(), true),
                in.strings("subjectAltNames"));
        checkHosts(in, entry);
        checkAddresses(in, entry);
        checkPorts(in, entry);
        checkResolution(in, entry);
        return entry;
    }

    private static Port port(FieldReader in) {
        Port port = PortParser.parse(in, false);
        if (port.name().isEmpty()) {
            in.error("name", "is required");
        }
        PortParser.checkName(in, "name", port.name());
        return port;
    }

    private static WorkloadEntry endpoint(FieldReader in, List<Port> ports, Resolution resolution) {
        WorkloadEntry endpoint = WorkloadEntryParser.parse(in, resolution != Resolution.STATIC);
        for (String name : endpoint.ports().keySet()) {
            if (ports.stream().noneMatch(port -> port.name().equals(name))) {
                in.error("ports[" + name + "]", "the service has no port named \"" + name + "\"");
            }
        }
        if (endpoint.address()
                .filter(address -> address.startsWith(FieldChecks.UNIX))
                .isPresent()) {
            if (resolution.isDns()) {
                in.error("address", "must be an IP address or DNS name where resolution is " + resolution);
            } else if (ports.size() != 1) {
                in.error("address", "a unix path is allowed only where the service has exactly one port");
            }
        }
        return endpoint;
    }

    private static void checkHosts(FieldReader in, ServiceEntry entry) {
        if (entry.hosts().isEmpty()) {
            in.error("hosts", "is required and must name at least one host");
        }
        boolean resolvesHosts = entry.resolution() != Resolution.DYNAMIC_DNS
                && entry.resolution().isDns()
                && entry.endpoints().isEmpty();
        for (int i = 0; i < entry.hosts().size(); i++) {
            String host = entry.hosts().get(i);
            String field = "hosts[" + i + "]";
            if (host.equals("*")) {
                in.error(field, "\"*\" is not allowed: name a domain");
            } else if (resolvesHosts && host.startsWith("*")) {
                in.error(
                        field,
                        "must not be a wildcard where resolution is " + entry.resolution()
                                + " and there are no endpoints: it cannot be looked up");
            } else {
                in.check(field, Syntax.wildcardHost(host));
                if (Syntax.isPartialWildcard(host)
                        && entry.ports().stream()
                                .anyMatch(port -> port.protocol().isTls())) {
                    in.error(
                            field,
                            "\"" + host
                                    + "\": where a port has protocol TLS or HTTPS, the wildcard must stand for whole"
                                    + " labels, as in *.example.com");
                }
            }
        }
        FieldChecks.unique(in, "hosts", entry.hosts(), "host");
    }

    private static void checkAddresses(FieldReader in, ServiceEntry entry) {
        FieldChecks.each(in, "addresses", entry.addresses(), Syntax::subnet);
        for (int i = 0; i < entry.addresses().size(); i++) {
            if (entry.addresses().get(i).contains("/") && entry.resolution().isDns()) {
                in.error("addresses[" + i + "]", "a CIDR is allowed only where resolution is NONE or STATIC");
            }
        }
    }

    private static void checkPorts(FieldReader in, ServiceEntry entry) {
        Set<String> names = new HashSet<>();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < entry.ports().size(); i++) {
            Port port = entry.ports().get(i);
            if (!port.name().isEmpty() && !names.add(port.name())) {
                in.error("ports[" + i + "].name", "duplicate port name \"" + port.name() + "\"");
            }
            if (port.number() != 0 && !numbers.add(port.number())) {
                in.error("ports[" + i + "].number", "duplicate port " + port.number());
            }
            if (port.targetPort().isPresent() && entry.resolution() == Resolution.NONE) {
                in.warning("ports[" + i + "].targetPort", "has no effect where resolution is NONE");
            }
        }
    }

    private static void checkResolution(FieldReader in, ServiceEntry entry) {
        Resolution resolution = entry.resolution();
        if (resolution == Resolution.NONE && !entry.endpoints().isEmpty()) {
            in.error("endpoints", "must not be given where resolution is NONE (the default); use STATIC or DNS");
        }
        if (resolution == Resolution.DNS_ROUND_ROBIN && entry.endpoints().size() > 1) {
            in.error("endpoints", "must be at most one where resolution is DNS_ROUND_ROBIN");
        }
        if (entry.workloadSelector().isPresent() && resolution != Resolution.STATIC) {
            in.warning("workloadSelector", "should not be given where resolution is " + resolution);
        }
        if (resolution == Resolution.NONE || entry.hosts().size() < 2) {
            return;
        }
        for (int i = 0; i < entry.ports().size(); i++) {
            Protocol protocol = entry.ports().get(i).protocol();
            if (!protocol.isHttp() && !protocol.isTls()) {
                in.error(
                        "ports[" + i + "].protocol",
                        "with several hosts it must be HTTP, HTTPS, TLS or another that names the"
                                + " host in what it sends");
            }
        }
    }
}
