package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.service.EndpointsOf.Origin;
import java.util.Map;

/**
 * One that gets traffic, for one port.
 *
 * @param address an IP address, a host name or a {@code unix://} path
 * @param port 0 for a path
 * @param locality "region/zone/subzone", or empty
 * @param weight at least 1
 */
public record Endpoint(
        String address, int port, Map<String, String> labels, String locality, int weight, Origin origin) {
    public boolean hasLabels(Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }
}
