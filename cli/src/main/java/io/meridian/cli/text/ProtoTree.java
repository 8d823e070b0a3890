package io.meridian.cli.text;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages as trees of maps, lists, strings, numbers and booleans, for JSON and YAML. Close to protobuf's JSON mapping, but made for scripts: 64-bit
 * integers are numbers, fields with default values are there, and bytes are hex.
 */
public final class ProtoTree {
    private ProtoTree() {}

    /** In the order of the fields' numbers; a message field that is not set is left out. */
    public static Map<String, @Nullable Object> of(Message message) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.hasPresence() && !message.hasField(field)) {
                continue;
            }
            tree.put(field.getJsonName(), value(field, message.getField(field)));
        }
        return tree;
    }

    public static List<@Nullable Object> list(List<? extends Message> messages) {
        List<@Nullable Object> list = new ArrayList<>();
        messages.forEach(message -> list.add(of(message)));
        return list;
    }

    private static @Nullable Object value(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            Map<String, @Nullable Object> map = new TreeMap<>();
            for (Object entry : (List<?>) value) {
                Message pair = (Message) entry;
                FieldDescriptor key = pair.getDescriptorForType().findFieldByNumber(1);
                FieldDescriptor item = pair.getDescriptorForType().findFieldByNumber(2);
                map.put(String.valueOf(pair.getField(key)), single(pair.getField(item)));
            }
            return map;
        }
        if (field.isRepeated()) {
            List<@Nullable Object> list = new ArrayList<>();
            ((List<?>) value).forEach(item -> list.add(single(item)));
            return list;
        }
        return single(value);
    }

    private static @Nullable Object single(Object value) {
        return switch (value) {
            case Timestamp timestamp -> Times.rfc3339(timestamp);
            case Duration duration -> Durations.seconds(duration);
            case Struct struct -> struct(struct);
            case Value json -> json(json);
            case Message message -> of(message);
            case EnumValueDescriptor constant -> constant.getName();
            case ByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
            case Integer number -> (long) number;
            default -> value;
        };
    }

    public static Map<String, @Nullable Object> struct(Struct struct) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((key, value) -> map.put(key, json(value)));
        return map;
    }

    private static @Nullable Object json(Value value) {
        return switch (value.getKindCase()) {
            case STRUCT_VALUE -> struct(value.getStructValue());
            case LIST_VALUE -> {
                List<@Nullable Object> list = new ArrayList<>();
                value.getListValue().getValuesList().forEach(item -> list.add(json(item)));
                yield list;
            }
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case NUMBER_VALUE -> number(value.getNumberValue());
            case NULL_VALUE, KIND_NOT_SET -> null;
        };
    }

    /** A port is 9080, not 9080.0. */
    private static Object number(double number) {
        long whole = (long) number;
        return whole == number && Math.abs(number) < 1L << 53 ? (Object) whole : (Object) number;
    }
}
