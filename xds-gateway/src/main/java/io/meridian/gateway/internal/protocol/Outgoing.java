package io.meridian.gateway.internal.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One response, shared by all streams that get the same. Its bytes are put together once, when the second stream needs them: what a single
 * stream gets goes out piece by piece, straight from the resources. Immutable but for that; thread-safe.
 */
public final class Outgoing {
    private static final int BUFFER_BYTES = 4096;

    private final @Nullable XdsType type;
    private final String typeUrl;
    private final @Nullable Stamp stamp;
    private final String version;
    private final long number;
    private final String nonce;
    private final List<XdsResource> resources;
    private final List<String> removed;
    private final boolean delta;
    private final ByteString controlPlane;
    private final AtomicLong sharedBytes;
    private final int sizeBytes;
    // Guarded by this.
    private boolean used;
    private byte @Nullable [] body;

    /**
     * @param type null for a type that is not served
     * @param stamp what the version was made of; null for a type that is not served
     * @param version version_info or system_version_info
     * @param number grows with each response of the process; the nonce is made of it
     * @param removed names; empty in the state of the world
     * @param delta which of a resource's two forms is meant
     * @param controlPlane a serialized {@code envoy.config.core.v3.ControlPlane}
     * @param sharedBytes is added the size once the bytes are put together
     */
    Outgoing(
            @Nullable XdsType type,
            String typeUrl,
            @Nullable Stamp stamp,
            String version,
            long number,
            List<XdsResource> resources,
            List<String> removed,
            boolean delta,
            ByteString controlPlane,
            AtomicLong sharedBytes) {
        this.type = type;
        this.typeUrl = typeUrl;
        this.stamp = stamp;
        this.version = version;
        this.number = number;
        nonce = nonce(number);
        this.resources = List.copyOf(resources);
        this.removed = List.copyOf(removed);
        this.delta = delta;
        this.controlPlane = controlPlane;
        this.sharedBytes = sharedBytes;
        sizeBytes = computeSize();
    }

    /**
     * What makes a response's version.
     *
     * @param content of the whole set that it tells of, or null where the version only tells responses apart
     * @param position that was served; null if the content says it all
     */
    record Stamp(@Nullable String content, @Nullable Position position) {
        String version(long number) {
            return content == null ? position + "/" + nonce(number) : content;
        }
    }

    static String nonce(long number) {
        return Long.toHexString(number);
    }

    public @Nullable XdsType type() {
        return type;
    }

    public String typeUrl() {
        return typeUrl;
    }

    public String version() {
        return version;
    }

    boolean bears(Stamp other) {
        return other.equals(stamp);
    }

    long number() {
        return number;
    }

    public String nonce() {
        return nonce;
    }

    public List<XdsResource> resources() {
        return resources;
    }

    public List<String> removed() {
        return removed;
    }

    /** Of the message. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Writes the message: with a single write once its bytes are shared. */
    public void writeTo(OutputStream target) throws IOException {
        byte[] shared = shared();
        if (shared == null) {
            write(CodedOutputStream.newInstance(target, BUFFER_BYTES));
        } else {
            target.write(shared);
        }
    }

    /** The message; the same array for everyone who asks, which nobody may change. Null for the first, who is the only one so far. */
    synchronized byte @Nullable [] shared() {
        if (body == null && used) {
            byte[] bytes = new byte[sizeBytes];
            try {
                write(CodedOutputStream.newInstance(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            body = bytes;
            sharedBytes.addAndGet(sizeBytes);
        }
        used = true;
        return body;
    }

    private void write(CodedOutputStream out) throws IOException {
        if (delta) {
            out.writeString(DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, version);
            for (XdsResource resource : resources) {
                out.writeBytes(DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.delta());
            }
            out.writeString(DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, typeUrl);
            out.writeString(DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, nonce);
            for (String name : removed) {
                out.writeString(DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
            }
            out.writeBytes(DeltaDiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
        } else {
            out.writeString(DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, version);
            for (XdsResource resource : resources) {
                out.writeBytes(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
            }
            out.writeString(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, typeUrl);
            out.writeString(DiscoveryResponse.NONCE_FIELD_NUMBER, nonce);
            out.writeBytes(DiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
        }
        out.flush();
    }

    private int computeSize() {
        int bytes = 0;
        if (delta) {
            bytes += CodedOutputStream.computeStringSize(
                    DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, version);
            for (XdsResource resource : resources) {
                bytes += CodedOutputStream.computeBytesSize(
                        DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.delta());
            }
            bytes += CodedOutputStream.computeStringSize(DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, typeUrl);
            bytes += CodedOutputStream.computeStringSize(DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, nonce);
            for (String name : removed) {
                bytes += CodedOutputStream.computeStringSize(
                        DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
            }
            return bytes
                    + CodedOutputStream.computeBytesSize(
                            DeltaDiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
        }
        bytes += CodedOutputStream.computeStringSize(DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, version);
        for (XdsResource resource : resources) {
            bytes += CodedOutputStream.computeBytesSize(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
        }
        bytes += CodedOutputStream.computeStringSize(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, typeUrl);
        bytes += CodedOutputStream.computeStringSize(DiscoveryResponse.NONCE_FIELD_NUMBER, nonce);
        return bytes + CodedOutputStream.computeBytesSize(DiscoveryResponse.CONTROL_PLANE_FIELD_NUMBER, controlPlane);
    }
}
