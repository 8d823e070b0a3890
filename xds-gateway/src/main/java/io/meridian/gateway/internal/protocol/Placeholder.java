package io.meridian.gateway.internal.protocol;

import com.google.protobuf.ByteString;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;

/** Stands for a resource that a client holds from an earlier stream and of which only the version is known. Never sent. */
final class Placeholder {
    private static final Position NOWHERE = Position.before(new MeshId("none"));

    private Placeholder() {}

    static XdsResource of(XdsType type, String name, String version) {
        return new XdsResource(type, name, version, ByteString.EMPTY, ByteString.EMPTY, NOWHERE);
    }
}
