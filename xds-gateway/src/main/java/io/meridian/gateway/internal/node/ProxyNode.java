package io.meridian.gateway.internal.node;

import io.meridian.compiler.Proxy;

/**
 * A client as its first request described it.
 *
 * @param mesh MESH_ID of its metadata; empty if it names none
 * @param version ISTIO_VERSION, or else what the client says of its own build; may be empty
 */
public record ProxyNode(Proxy proxy, String mesh, String version) {}
