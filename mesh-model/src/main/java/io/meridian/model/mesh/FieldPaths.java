package io.meridian.model.mesh;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;

/**
 * Fields of a message by their paths, {@code access_log.enabled}, as in a {@code google.protobuf.FieldMask}; a path may lead through
 * messages, not through lists and maps. Pure.
 */
public final class FieldPaths {
    private FieldPaths() {}

    /** Whether there is a field of that path. */
    public static boolean exists(Descriptor message, String path) {
        int dot = path.indexOf('.');
        FieldDescriptor field = message.findFieldByName(dot < 0 ? path : path.substring(0, dot));
        if (field == null || dot < 0) {
            return field != null;
        }
        return isMessage(field) && exists(field.getMessageType(), path.substring(dot + 1));
    }

    /**
     * {@code current}, but with the values that {@code asked} has at these paths, defaults and absent ones too; a message or a list is replaced
     * as a whole.
     *
     * @throws IllegalArgumentException if a path does not exist
     */
    @SuppressWarnings("unchecked") // a builder builds its own type
    public static <M extends Message> M replaced(M current, M asked, List<String> paths) {
        Message.Builder result = current.toBuilder();
        paths.forEach(path -> replace(result, asked, path));
        return (M) result.build();
    }

    private static void replace(Message.Builder into, Message from, String path) {
        if (!exists(into.getDescriptorForType(), path)) {
            throw new IllegalArgumentException(
                    path + " is not a field of " + into.getDescriptorForType().getName());
        }
        int dot = path.indexOf('.');
        FieldDescriptor field = into.getDescriptorForType().findFieldByName(dot < 0 ? path : path.substring(0, dot));
        if (dot >= 0) {
            replace(into.getFieldBuilder(field), (Message) from.getField(field), path.substring(dot + 1));
        } else if (field.hasPresence() && !from.hasField(field)) {
            into.clearField(field);
        } else {
            into.setField(field, from.getField(field));
        }
    }

    private static boolean isMessage(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated();
    }
}
