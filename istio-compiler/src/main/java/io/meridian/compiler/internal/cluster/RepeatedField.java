package io.meridian.compiler.internal.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Serialized messages as elements of a serialized message: what makes parts that are compiled apart one resource. */
public final class RepeatedField {
    private RepeatedField() {}

    /**
     * The bytes of a message whose fields before {@code field} are {@code head}, whose fields behind it are {@code tail}, and whose elements
     * are {@code elements}: as if it had been serialized as a whole.
     */
    public static ByteString append(ByteString head, int field, List<ByteString> elements, ByteString tail) {
        int size = head.size() + tail.size();
        for (ByteString element : elements) {
            size += CodedOutputStream.computeBytesSize(field, element);
        }
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeRawBytes(head);
            for (ByteString element : elements) {
                out.writeBytes(field, element);
            }
            out.writeRawBytes(tail);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
