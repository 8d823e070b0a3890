package io.meridian.model.istio;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An endpoint that is no pod; also the form of a ServiceEntry's endpoints.
 *
 * @param address an IP address, a DNS name or a {@code unix://} path; unset only with a {@code network}
 * @param ports by name of the service's port
 * @param locality {@code region/zone/subzone}
 * @param weight among the endpoints; 1 when unset
 */
public record WorkloadEntry(
        Optional<String> address,
        Map<String, Integer> ports,
        Map<String, String> labels,
        Optional<String> network,
        Optional<String> locality,
        OptionalInt weight,
        Optional<String> serviceAccount)
        implements IstioSpec {
    public WorkloadEntry {
        ports = Ordered.copyOf(ports);
        labels = Ordered.copyOf(labels);
    }
}
