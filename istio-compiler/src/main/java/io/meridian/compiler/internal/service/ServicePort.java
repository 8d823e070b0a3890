package io.meridian.compiler.internal.service;

import io.meridian.model.istio.Protocol;

/** {@code targetPort}: of endpoints that don't say their own. */
public record ServicePort(int number, String name, Protocol protocol, int targetPort) {
    /** Whether the proxy looks into the first bytes to tell HTTP from others. */
    public boolean isSniffed() {
        return protocol == Protocol.AUTO;
    }
}
