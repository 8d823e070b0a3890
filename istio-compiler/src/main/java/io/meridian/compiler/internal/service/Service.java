package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.input.ServiceKey;
import java.util.List;
import java.util.Optional;

/**
 * A service, merged.
 *
 * @param ports in ascending order of their numbers, which are unique
 * @param addresses virtual ones, of all clusters
 * @param external not part of the mesh
 * @param exportTo as written; empty: to all
 */
public record Service(
        ServiceKey key,
        String name,
        List<ServicePort> ports,
        List<String> addresses,
        Resolution resolution,
        boolean external,
        List<String> exportTo,
        List<String> subjectAltNames) {

    /** How clients come to its endpoints. */
    public enum Resolution {
        /** The control plane tells them. */
        ENDPOINTS,
        /** By DNS, all addresses. */
        DNS,
        /** By DNS, one address at a time. */
        DNS_ROUND_ROBIN,
        /** To the address that the client asked for. */
        ORIGINAL_DESTINATION
    }

    public Service {
        ports = List.copyOf(ports);
        addresses = List.copyOf(addresses);
        exportTo = List.copyOf(exportTo);
        subjectAltNames = List.copyOf(subjectAltNames);
    }

    public String host() {
        return key.host();
    }

    public Optional<ServicePort> port(int number) {
        return ports.stream().filter(port -> port.number() == number).findFirst();
    }
}
