package io.meridian.cli.manifest;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.meridian.cli.exit.CliFailure;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads YAML nodes into messages by their JSON names; a complaint is a usage failure with file, line, column and the field's path. */
final class MessageReader {
    private final String source;

    MessageReader(String source) {
        this.source = source;
    }

    /** @param path of the node, "" at the top */
    void read(Node node, Message.Builder into, String path) {
        for (NodeTuple entry : mapping(node, path).getValue()) {
            String key = text(entry.getKeyNode(), path);
            String fieldPath = path.isEmpty() ? key : path + "." + key;
            FieldDescriptor field = field(into, key);
            if (field == null) {
                throw failure(
                        entry.getKeyNode(),
                        fieldPath + ": unknown field; known are "
                                + into.getDescriptorForType().getFields().stream()
                                        .map(FieldDescriptor::getJsonName)
                                        .collect(Collectors.joining(", ")));
            }
            if (isNull(entry.getValueNode())) {
                continue;
            }
            if (field.isMapField()) {
                map(entry.getValueNode(), into, field, fieldPath);
            } else if (field.isRepeated()) {
                List<Node> items = sequence(entry.getValueNode(), fieldPath).getValue();
                for (int i = 0; i < items.size(); i++) {
                    into.addRepeatedField(field, value(items.get(i), into, field, fieldPath + "[" + i + "]"));
                }
            } else {
                into.setField(field, value(entry.getValueNode(), into, field, fieldPath));
            }
        }
    }

    private void map(Node node, Message.Builder into, FieldDescriptor field, String path) {
        for (NodeTuple entry : mapping(node, path).getValue()) {
            Message.Builder pair = into.newBuilderForField(field);
            String key = text(entry.getKeyNode(), path);
            String entryPath = path + "[" + key + "]";
            FieldDescriptor item = pair.getDescriptorForType().findFieldByNumber(2);
            pair.setField(pair.getDescriptorForType().findFieldByNumber(1), key);
            pair.setField(item, value(entry.getValueNode(), pair, item, entryPath));
            into.addRepeatedField(field, pair.build());
        }
    }

    private Object value(Node node, Message.Builder parent, FieldDescriptor field, String path) {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                Message.Builder builder = parent.newBuilderForField(field);
                read(node, builder, path);
                yield builder.build();
            }
            case ENUM -> {
                EnumValueDescriptor constant = field.getEnumType().findValueByName(text(node, path));
                if (constant == null) {
                    throw failure(
                            node,
                            path + ": has to be one of "
                                    + field.getEnumType().getValues().stream()
                                            .map(EnumValueDescriptor::getName)
                                            .filter(name -> !name.endsWith("UNSPECIFIED"))
                                            .collect(Collectors.joining(", ")));
                }
                yield constant;
            }
            case INT -> {
                String text = text(node, path);
                try {
                    yield Integer.valueOf(text);
                } catch (NumberFormatException e) {
                    throw failure(node, path + ": \"" + text + "\" is not a whole number");
                }
            }
            case STRING -> text(node, path);
            default -> throw new IllegalStateException("no inventory field is a " + field.getJavaType());
        };
    }

    private static @Nullable FieldDescriptor field(Message.Builder into, String key) {
        for (FieldDescriptor field : into.getDescriptorForType().getFields()) {
            if (field.getJsonName().equals(key) || field.getName().equals(key)) {
                return field;
            }
        }
        return null;
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    MappingNode mapping(Node node, String path) {
        if (node instanceof MappingNode mapping) {
            return mapping;
        }
        throw failure(node, prefix(path) + "has to be a mapping");
    }

    SequenceNode sequence(Node node, String path) {
        if (node instanceof SequenceNode sequence) {
            return sequence;
        }
        throw failure(node, prefix(path) + "has to be a list");
    }

    private String text(Node node, String path) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw failure(node, prefix(path) + "has to be a single value");
    }

    private static String prefix(String path) {
        return path.isEmpty() ? "" : path + ": ";
    }

    CliFailure failure(Node node, String message) {
        String place = node.getStartMark()
                .map(mark -> ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1))
                .orElse("");
        return CliFailure.usage(source + place + ": " + message);
    }
}
