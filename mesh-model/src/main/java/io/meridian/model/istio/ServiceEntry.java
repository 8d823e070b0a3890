package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Services that no cluster's registry has.
 *
 * @param addresses virtual addresses or CIDRs
 * @param endpoints not together with {@code workloadSelector}
 * @param workloadSelector labels of WorkloadEntries and pods of the namespace
 * @param exportTo as of {@link VirtualService}
 * @param subjectAltNames that the certificates of the endpoints must have one of
 */
public record ServiceEntry(
        List<String> hosts,
        List<String> addresses,
        List<Port> ports,
        Location location,
        Resolution resolution,
        List<WorkloadEntry> endpoints,
        Optional<Map<String, String>> workloadSelector,
        List<String> exportTo,
        List<String> subjectAltNames)
        implements IstioSpec {

    public enum Location {
        /** The default. */
        MESH_EXTERNAL,
        MESH_INTERNAL
    }

    public enum Resolution {
        /** The default: to the address that the client asked for. */
        NONE,
        STATIC,
        DNS,
        DNS_ROUND_ROBIN,
        DYNAMIC_DNS;

        public boolean isDns() {
            return this == DNS || this == DNS_ROUND_ROBIN || this == DYNAMIC_DNS;
        }
    }

    public ServiceEntry {
        hosts = List.copyOf(hosts);
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
        workloadSelector = workloadSelector.map(Ordered::copyOf);
        exportTo = List.copyOf(exportTo);
        subjectAltNames = List.copyOf(subjectAltNames);
    }
}
