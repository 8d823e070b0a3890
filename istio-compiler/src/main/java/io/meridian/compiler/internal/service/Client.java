package io.meridian.compiler.internal.service;

import io.meridian.model.resource.ResourceKey;
import java.util.Map;
import java.util.Optional;

/**
 * What of a proxy decides which services, rules and routes it gets: its scope class on the outbound side.
 *
 * @param sidecar the Sidecar resource that narrows it, if any
 * @param labels those of its labels that some VirtualService or DestinationRule of the mesh asks for, sorted
 */
public record Client(String namespace, Optional<ResourceKey> sidecar, Map<String, String> labels) {}
