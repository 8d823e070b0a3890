package io.meridian.compiler.internal.listener;

import io.meridian.compiler.internal.graph.Chunk;
import java.util.List;

/** What listens, and the route configurations that those listeners ask for; each by name. */
public record OutboundPlan(List<Chunk<Planned>> listeners, List<Chunk<Planned>> routes) {}
