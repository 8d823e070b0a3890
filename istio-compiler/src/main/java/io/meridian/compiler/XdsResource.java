package io.meridian.compiler;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.meridian.model.position.Position;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * One resource in the bytes in which every proxy gets it: serialized once per content. Equal by type, name and version. Immutable.
 *
 * @param version a hash of the content alone, so any gateway in any region has the same for the same content
 * @param any the serialized {@code google.protobuf.Any}: an element of a state-of-the-world response; shares the content's bytes
 * @param delta the serialized {@code envoy.service.discovery.v3.Resource}: an element of a delta response; shares {@code any}'s bytes
 * @param compiledFrom the position of the image from which these bytes first came
 */
public record XdsResource(
        XdsType type, String name, String version, ByteString any, ByteString delta, Position compiledFrom) {

    /** Serializes deterministically. */
    public static XdsResource of(XdsType type, String name, Message message, Position compiledFrom) {
        return of(type, name, deterministic(message), compiledFrom);
    }

    /** {@code value}: the message, serialized. */
    public static XdsResource of(XdsType type, String name, ByteString value, Position compiledFrom) {
        return of(type, name, Fragment.of(value), compiledFrom);
    }

    /** {@code content}: the message. */
    public static XdsResource of(XdsType type, String name, Fragment content, Position compiledFrom) {
        String version = content.version();
        ByteString any = any(type.typeUrl(), content.bytes());
        return new XdsResource(type, name, version, any, delta(name, version, any), compiledFrom);
    }

    /** One that was kept as its name, its version and {@code any}. */
    public static XdsResource kept(XdsType type, String name, String version, ByteString any, Position compiledFrom) {
        return new XdsResource(type, name, version, any, delta(name, version, any), compiledFrom);
    }

    private static ByteString any(String typeUrl, ByteString value) {
        ByteString head = written(out -> {
            out.writeString(Any.TYPE_URL_FIELD_NUMBER, typeUrl);
            if (!value.isEmpty()) {
                out.writeTag(Any.VALUE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(value.size());
            }
        });
        return head.concat(value);
    }

    private static ByteString delta(String name, String version, ByteString any) {
        ByteString head = written(out -> {
            out.writeString(Resource.VERSION_FIELD_NUMBER, version);
            out.writeTag(Resource.RESOURCE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(any.size());
        });
        ByteString tail = written(out -> {
            if (!name.isEmpty()) {
                out.writeString(Resource.NAME_FIELD_NUMBER, name);
            }
        });
        return head.concat(any).concat(tail);
    }

    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static ByteString written(Writing writing) {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes, CodedOutputStream.DEFAULT_BUFFER_SIZE);
        try {
            writing.to(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }

    /** The bytes of a message that depend on its content alone. */
    public static ByteString deterministic(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream coded = CodedOutputStream.newInstance(bytes);
        coded.useDeterministicSerialization();
        try {
            message.writeTo(coded);
            coded.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof XdsResource that
                        && type == that.type
                        && version.equals(that.version)
                        && name.equals(that.name));
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + version.hashCode();
    }

    @Override
    public String toString() {
        return type.shortName() + " " + name + " " + version;
    }
}
