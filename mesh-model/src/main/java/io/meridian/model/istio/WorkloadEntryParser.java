package io.meridian.model.istio;

import io.meridian.model.resource.ResourceKey;
import java.util.Map;
import java.util.Optional;

/** WorkloadEntry, and the endpoints of a ServiceEntry, which have its form. */
final class WorkloadEntryParser {
    private WorkloadEntryParser() {}

    static WorkloadEntry parse(FieldReader in, ResourceKey key) {
        return parse(in, true);
    }

    static WorkloadEntry parse(FieldReader in, boolean namesAllowed) {
        WorkloadEntry entry = new WorkloadEntry(
                in.string("address"),
                ports(in),
                FieldChecks.labels(in, "labels"),
                in.string("network"),
                in.string("locality"),
                in.integer("weight", 0, Integer.MAX_VALUE),
                in.string("serviceAccount"));
        checkAddress(in, entry, namesAllowed);
        return entry;
    }

    private static Map<String, Integer> ports(FieldReader in) {
        Map<String, Integer> ports = in.integerMap("ports", 1, 65535);
        ports.keySet().forEach(name -> PortParser.checkName(in, "ports[" + name + "]", name));
        return ports;
    }

    private static void checkAddress(FieldReader in, WorkloadEntry entry, boolean namesAllowed) {
        Optional<String> address = entry.address();
        if (address.isEmpty()) {
            if (entry.network().isEmpty()) {
                in.error("address", "is required (it may be left out only where network is given)");
            }
        } else if (address.get().startsWith(FieldChecks.UNIX)) {
            in.check("address", Syntax.unixPath(address.get().substring(FieldChecks.UNIX.length())));
            if (!entry.ports().isEmpty()) {
                in.error("ports", "must not be given where address is a unix path");
            }
        } else if (!Syntax.isIpAddress(address.get())) {
            if (!namesAllowed) {
                in.error(
                        "address",
                        "must be an IP address or unix://PATH where resolution is STATIC, but is \"" + address.get()
                                + "\"");
            } else {
                in.check("address", Syntax.fqdn(address.get()));
            }
        }
    }
}
