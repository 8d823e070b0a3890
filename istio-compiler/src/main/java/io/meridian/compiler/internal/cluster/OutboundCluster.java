package io.meridian.compiler.internal.cluster;

import io.meridian.compiler.XdsResource;
import java.util.Optional;

/**
 * A cluster that a client gets.
 *
 * @param assignment its endpoints; none for a cluster that finds them otherwise
 */
public record OutboundCluster(XdsResource resource, Optional<Assignment> assignment) {}
