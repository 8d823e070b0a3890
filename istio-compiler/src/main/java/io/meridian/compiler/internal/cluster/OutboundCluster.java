package io.meridian.compiler.internal.cluster;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.graph.Query;
import java.util.Optional;

/**
 * A cluster that a client gets.
 *
 * @param assignment the query for its endpoints; none for a cluster that finds them otherwise
 */
public record OutboundCluster(XdsResource resource, Optional<Query<XdsResource>> assignment) {}
