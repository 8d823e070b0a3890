package io.meridian.gateway.internal.ads;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.meridian.compiler.XdsResource;
import io.meridian.gateway.internal.protocol.Outgoing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The methods of the aggregated discovery service, whose responses are written by putting the resources' shared bytes one after the other
 * into the transport's own buffer; no response message is ever built.
 */
final class DiscoveryMethods {
    private static final int BUFFER_BYTES = 4096;

    private final ByteString controlPlane;

    /** {@code identifier}: what the gateway calls itself to its clients. */
    DiscoveryMethods(String identifier) {
        controlPlane =
                ControlPlane.newBuilder().setIdentifier(identifier).build().toByteString();
    }

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

    private final class ResponseMarshaller implements MethodDescriptor.Marshaller<Outgoing> {
        @Override
        public InputStream stream(Outgoing response) {
            return new ResponseStream(response, controlPlane);
        }

        @Override
        public Outgoing parse(InputStream stream) {
            throw new UnsupportedOperationException("a server does not read responses");
        }
    }

    /** One response on its way into the transport. */
    static final class ResponseStream extends InputStream implements KnownLength, Drainable {
        private final Outgoing response;
        private final ByteString controlPlane;
        private final int size;
        private @Nullable InputStream rest;

        ResponseStream(Outgoing response, ByteString controlPlane) {
            this.response = response;
            this.controlPlane = controlPlane;
            size = computeSize();
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (rest != null) {
                return (int) rest.transferTo(target);
            }
            CodedOutputStream out = CodedOutputStream.newInstance(target, BUFFER_BYTES);
            if (response.delta()) {
                out.writeString(DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, response.version());
                for (XdsResource resource : response.resources()) {
                    out.writeBytes(DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.delta());
                }
                out.writeString(DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, response.typeUrl());
                out.writeString(DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, response.nonce());
                for (String name : response.removed()) {
                    out.writeString(DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
                }
                out.writeBytes(DeltaDiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
            } else {
                out.writeString(DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, response.version());
                for (XdsResource resource : response.resources()) {
                    out.writeBytes(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
                }
                out.writeString(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, response.typeUrl());
                out.writeString(DiscoveryResponse.NONCE_FIELD_NUMBER, response.nonce());
                out.writeBytes(DiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
            }
            out.flush();
            rest = InputStream.nullInputStream();
            return size;
        }

        private int computeSize() {
            int bytes = 0;
            if (response.delta()) {
                bytes += CodedOutputStream.computeStringSize(
                        DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, response.version());
                for (XdsResource resource : response.resources()) {
                    bytes += CodedOutputStream.computeBytesSize(
                            DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.delta());
                }
                bytes += CodedOutputStream.computeStringSize(
                        DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, response.typeUrl());
                bytes += CodedOutputStream.computeStringSize(
                        DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, response.nonce());
                for (String name : response.removed()) {
                    bytes += CodedOutputStream.computeStringSize(
                            DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
                }
                return bytes
                        + CodedOutputStream.computeBytesSize(
                                DeltaDiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
            }
            bytes += CodedOutputStream.computeStringSize(
                    DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, response.version());
            for (XdsResource resource : response.resources()) {
                bytes += CodedOutputStream.computeBytesSize(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
            }
            bytes += CodedOutputStream.computeStringSize(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, response.typeUrl());
            bytes += CodedOutputStream.computeStringSize(DiscoveryResponse.NONCE_FIELD_NUMBER, response.nonce());
            return bytes
                    + CodedOutputStream.computeBytesSize(DiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
        }

        /** For transports that read instead of draining. */
        private InputStream rest() {
            if (rest == null) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream(size);
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
            return rest == null ? size : rest.available();
        }
    }
}
