package io.meridian.gateway.config;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import udpa.annotations.Sensitive;

/**
 * Takes out what nobody is to see: every field that Envoy's API marks as sensitive (private keys, passwords, session ticket keys, generic
 * secrets), as Envoy's own config dump does. In such a field strings and bytes read "[redacted]", and numbers are left out. Stateless.
 */
final class Redaction {
    private static final String REDACTED = "[redacted]";

    private Redaction() {}

    /** Also takes apart each Any within; one of an unknown type becomes a Struct. */
    static Message of(Message message) throws InvalidProtocolBufferException {
        return of(message, false);
    }

    private static Message of(Message message, boolean sensitive) throws InvalidProtocolBufferException {
        if (message instanceof Any any) {
            return Any.pack(of(EnvoyTypes.unpack(any), sensitive));
        }
        Message.Builder copy = message.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            boolean hidden = sensitive || field.getOptions().getExtension(Sensitive.sensitive);
            if (entry.getValue() instanceof List<?> list) {
                List<Object> elements = new ArrayList<>();
                for (Object element : list) {
                    elements.add(value(element, hidden));
                }
                copy.setField(field, elements);
            } else if (hidden && !isText(entry.getValue()) && !(entry.getValue() instanceof Message)) {
                copy.clearField(field);
            } else {
                copy.setField(field, value(entry.getValue(), hidden));
            }
        }
        return copy.build();
    }

    private static boolean isText(Object value) {
        return value instanceof String || value instanceof ByteString;
    }

    private static Object value(Object value, boolean hidden) throws InvalidProtocolBufferException {
        return switch (value) {
            case Message message -> of(message, hidden);
            case String text when hidden -> REDACTED;
            case ByteString bytes when hidden -> ByteString.copyFromUtf8(REDACTED);
            default -> value;
        };
    }
}
