package io.meridian.gateway.internal.ads;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.meridian.gateway.internal.protocol.Outgoing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The methods of the aggregated discovery service, whose responses go into the transport's own buffer as they are: no response message is
 * ever built, and what many streams get is copied with one write each.
 */
final class DiscoveryMethods {
    MethodDescriptor<DiscoveryRequest, Outgoing> stateOfTheWorld() {
        return AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod().toBuilder(
                        AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod()
                                .getRequestMarshaller(),
                        new ResponseMarshaller())
                .build();
    }

    MethodDescriptor<DeltaDiscoveryRequest, Outgoing> delta() {
        return AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod().toBuilder(
                        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                                .getRequestMarshaller(),
                        new ResponseMarshaller())
                .build();
    }

    private static final class ResponseMarshaller implements MethodDescriptor.Marshaller<Outgoing> {
        @Override
        public InputStream stream(Outgoing response) {
            return new ResponseStream(response);
        }

        @Override
        public Outgoing parse(InputStream stream) {
            throw new UnsupportedOperationException("a server does not read responses");
        }
    }

    /** One response on its way into the transport. */
    static final class ResponseStream extends InputStream implements KnownLength, Drainable {
        private final Outgoing response;
        private @Nullable InputStream rest;

        ResponseStream(Outgoing response) {
            this.response = response;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (rest != null) {
                return (int) rest.transferTo(target);
            }
            response.writeTo(target);
            rest = InputStream.nullInputStream();
            return response.sizeBytes();
        }

        /** For transports that read instead of draining. */
        private InputStream rest() {
            if (rest == null) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream(response.sizeBytes());
                try {
                    int drained = drainTo(bytes);
                    if (drained != bytes.size()) {
                        throw new IllegalStateException("wrote " + bytes.size() + " bytes, not " + drained);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                rest = new ByteArrayInputStream(bytes.toByteArray());
            }
            return rest;
        }

        @Override
        public int read() throws IOException {
            return rest().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return rest().read(target, offset, length);
        }

        @Override
        public int available() throws IOException {
            return rest == null ? response.sizeBytes() : rest.available();
        }
    }
}
