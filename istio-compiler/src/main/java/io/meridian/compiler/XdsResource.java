package io.meridian.compiler;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.meridian.model.log.Hash;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * One resource in the bytes in which every proxy gets it: serialized once per content. Immutable.
 *
 * @param version a hash of the content alone, so any gateway in any region has the same for the same content
 * @param any the serialized {@code google.protobuf.Any}: an element of a state-of-the-world response
 * @param delta the serialized {@code envoy.service.discovery.v3.Resource}: an element of a delta response
 * @param compiledFrom the position of the image from which these bytes first came
 */
public record XdsResource(
        XdsType type, String name, String version, ByteString any, ByteString delta, Position compiledFrom) {
    private static final int VERSION_HEX_DIGITS = 16;

    /** Serializes deterministically. */
    public static XdsResource of(XdsType type, String name, Message message, Position compiledFrom) {
        return of(type, name, deterministic(message), compiledFrom);
    }

    /** {@code value}: the message, serialized. */
    public static XdsResource of(XdsType type, String name, ByteString value, Position compiledFrom) {
        String version = Hash.of(value).hex().substring(0, VERSION_HEX_DIGITS);
        Any any = Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(value).build();
        Resource delta = Resource.newBuilder()
                .setName(name)
                .setVersion(version)
                .setResource(any)
                .build();
        return new XdsResource(type, name, version, any.toByteString(), delta.toByteString(), compiledFrom);
    }

    /** The bytes of a message that depend on its content alone. */
    public static ByteString deterministic(Message message) {
        ByteString.Output out = ByteString.newOutput(message.getSerializedSize());
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.useDeterministicSerialization();
        try {
            message.writeTo(coded);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteString();
    }
}
