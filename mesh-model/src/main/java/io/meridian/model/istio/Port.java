package io.meridian.model.istio;

import java.util.OptionalInt;

/**
 * A port of a Gateway's server, a ServiceEntry or a Sidecar's listener.
 *
 * @param number 1 to 65535; 0 only where validation lets it be left out
 * @param name empty if not given
 * @param targetPort of the endpoints, if it is another
 */
public record Port(int number, Protocol protocol, String name, OptionalInt targetPort) {}
