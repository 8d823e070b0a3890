package io.meridian.gateway.internal.registry;

import io.meridian.gateway.internal.node.ProxyNode;
import io.meridian.model.position.MeshId;
import java.time.Instant;

/**
 * One stream of one proxy.
 *
 * @param number grows with each stream of this gateway, so that of two streams of a proxy the newer is known
 * @param peer "HOST:PORT"
 * @param protocol "DELTA" or "SOTW"
 */
public record ProxyConnection(
        long number, MeshId mesh, ProxyNode node, String peer, String protocol, Instant connectedAt) {}
