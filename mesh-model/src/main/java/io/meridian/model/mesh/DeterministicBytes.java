package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Serializes with map entries sorted by key, so that equal messages give equal bytes in every process of this version. */
final class DeterministicBytes {
    private DeterministicBytes() {}

    static ByteString of(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("an array of the message's own size is too small", e);
        }
        return ByteString.copyFrom(bytes);
    }
}
