package io.meridian.model.history;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A protobuf value as maps, lists and scalars: JSON names, enums by name, maps sorted by key, unset fields left out. */
final class ProtoTree {
    private ProtoTree() {}

    static Map<String, Object> of(Message message) {
        Map<String, Object> tree = new LinkedHashMap<>();
        message.getAllFields().forEach((field, value) -> tree.put(field.getJsonName(), fieldValue(field, value)));
        return tree;
    }

    private static Object fieldValue(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            Map<String, Object> entries = new TreeMap<>();
            for (Object element : (List<?>) value) {
                MapEntry<?, ?> entry = (MapEntry<?, ?>) element;
                entries.put(String.valueOf(entry.getKey()), scalar(entry.getValue()));
            }
            return entries;
        }
        return field.isRepeated()
                ? ((List<?>) value).stream().map(ProtoTree::scalar).toList()
                : scalar(value);
    }

    private static Object scalar(Object value) {
        return switch (value) {
            case Message message -> of(message);
            case EnumValueDescriptor constant -> constant.getName();
            default -> value;
        };
    }
}
