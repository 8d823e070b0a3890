package io.meridian.gateway.internal.ads;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.gateway.internal.protocol.DeltaStream;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Heard;
import io.meridian.gateway.internal.protocol.ProtocolLimits;
import io.meridian.gateway.internal.protocol.Sharing;
import io.meridian.gateway.internal.protocol.StateOfTheWorldStream;
import io.meridian.gateway.internal.protocol.TooManyNamesException;

/** What the two variants of the protocol differ in, seen from a stream's shell. */
sealed interface Variant<Q, S extends DiscoveryStream> {
    /** As in a proxy's status. */
    String name();

    Node node(Q request);

    S open(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos);

    Heard hear(S stream, Q request, long nowNanos) throws TooManyNamesException;

    record StateOfTheWorld() implements Variant<DiscoveryRequest, StateOfTheWorldStream> {
        @Override
        public String name() {
            return "SOTW";
        }

        @Override
        public Node node(DiscoveryRequest request) {
            return request.getNode();
        }

        @Override
        public StateOfTheWorldStream open(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
            return new StateOfTheWorldStream(envoy, sharing, limits, nowNanos);
        }

        @Override
        public Heard hear(StateOfTheWorldStream stream, DiscoveryRequest request, long nowNanos)
                throws TooManyNamesException {
            return stream.onRequest(request, nowNanos);
        }
    }

    record Delta() implements Variant<DeltaDiscoveryRequest, DeltaStream> {
        @Override
        public String name() {
            return "DELTA";
        }

        @Override
        public Node node(DeltaDiscoveryRequest request) {
            return request.getNode();
        }

        @Override
        public DeltaStream open(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
            return new DeltaStream(envoy, sharing, limits, nowNanos);
        }

        @Override
        public Heard hear(DeltaStream stream, DeltaDiscoveryRequest request, long nowNanos)
                throws TooManyNamesException {
            return stream.onRequest(request, nowNanos);
        }
    }
}
