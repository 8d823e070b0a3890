package io.meridian.model.istio;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where traffic goes.
 *
 * @param host as written: a short name is resolved in the namespace of the object that it stands in
 * @param port 1 to 65535; needed unless the service has a single port
 * @param subset of a DestinationRule of the host
 */
public record Destination(String host, OptionalInt port, Optional<String> subset) {}
