package io.meridian.compiler.internal.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages as elements of a serialized message: what makes parts that are compiled apart one resource. */
public final class RepeatedField {
    private RepeatedField() {}

    /** The bytes of one element in the message that has it, as if that had been serialized as a whole. */
    public static Fragment element(int field, Message element) {
        ByteString value = XdsResource.deterministic(element);
        byte[] bytes = new byte[CodedOutputStream.computeBytesSize(field, value)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeBytes(field, value);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Fragment.of(UnsafeByteOperations.unsafeWrap(bytes));
    }
}
