package io.meridian.gateway.internal.protocol;

import java.time.Duration;

/**
 * What bounds one stream.
 *
 * @param maxNames names that a stream may subscribe to, over all types
 * @param chunkBytes a response that can be parted is parted at about this size; a single larger resource still goes out whole
 * @param waveLimit how long a type waits for the acknowledgement of the one that goes before it
 * @param subscribeGrace how long, after a cluster (listener) was acknowledged, the request for its endpoints (routes) is waited for before
 *     the proxy counts as not needing them
 * @param firstRequestGrace the same for clusters and listeners, from the start of the stream
 */
public record ProtocolLimits(
        int maxNames, int chunkBytes, Duration waveLimit, Duration subscribeGrace, Duration firstRequestGrace) {
    /** 100,000 names, 1 MB, 1 s, 2 s, 15 s (Envoy's initial fetch timeout). */
    public static final ProtocolLimits DEFAULT = new ProtocolLimits(
            100_000, 1_000_000, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));
}
