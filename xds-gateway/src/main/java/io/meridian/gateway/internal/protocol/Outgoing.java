package io.meridian.gateway.internal.protocol;

import com.google.protobuf.CodedOutputStream;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One response that is to be sent now. Immutable; the resources are shared with every other stream that gets them.
 *
 * @param type null for a type that is not served
 * @param version version_info or system_version_info
 * @param nonce unique in its stream
 * @param removed names; empty in the state of the world
 * @param delta which of a resource's two forms is meant
 */
public record Outgoing(
        @Nullable XdsType type,
        String typeUrl,
        String version,
        String nonce,
        List<XdsResource> resources,
        List<String> removed,
        boolean delta) {
    public Outgoing {
        resources = List.copyOf(resources);
        removed = List.copyOf(removed);
    }

    /** About the size of the message, in bytes. */
    public long sizeBytes() {
        long size = 64L + typeUrl.length() + version.length() + nonce.length();
        for (XdsResource resource : resources) {
            size += CodedOutputStream.computeBytesSizeNoTag(delta ? resource.delta() : resource.any()) + 1;
        }
        for (String name : removed) {
            size += name.length() + 2L;
        }
        return size;
    }
}
