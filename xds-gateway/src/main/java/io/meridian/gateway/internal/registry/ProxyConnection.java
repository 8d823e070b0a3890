package io.meridian.gateway.internal.registry;

import io.meridian.gateway.internal.node.ProxyNode;
import io.meridian.gateway.internal.protocol.ServedType;
import io.meridian.model.position.MeshId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One stream of one proxy.
 *
 * @param number grows with each stream of this gateway, so that of two streams of a proxy the newer is known
 * @param peer "HOST:PORT"
 * @param protocol "DELTA" or "SOTW"
 * @param sent the last responses
 * @param inspection looks at what the stream has sent
 */
public record ProxyConnection(
        long number,
        MeshId mesh,
        ProxyNode node,
        String peer,
        String protocol,
        Instant connectedAt,
        SentResponses sent,
        Inspection inspection) {
    /** A look at a stream from outside. */
    @FunctionalInterface
    public interface Inspection {
        /** What the client holds or is about to; from any thread. Does not complete if the stream ends meanwhile. */
        CompletionStage<List<ServedType>> served();
    }
}
