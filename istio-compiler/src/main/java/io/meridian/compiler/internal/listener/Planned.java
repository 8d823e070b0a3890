package io.meridian.compiler.internal.listener;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.graph.Query;

/** A resource that a proxy is to have, whatever is in it. */
public record Planned(String name, Query<XdsResource> resource) {}
