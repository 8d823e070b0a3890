package io.meridian.model.istio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.meridian.model.mesh.RejectionCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the fields of one JSON object by name and type, knows where it is, and notes what is wrong instead of throwing. A field of the wrong type
 * is unset; a null is unset; a field that nobody asked for is reported when the object has been read.
 */
final class FieldReader extends ScalarFields {
    private FieldReader(String path, JsonNode node, List<Problem> problems) {
        super(path, node, problems);
    }

    /** Reads a whole spec. */
    static <T> T root(JsonNode spec, List<Problem> problems, Function<FieldReader, T> parse) {
        return child("spec", spec, problems, parse);
    }

    private static <T> T child(String path, JsonNode node, List<Problem> problems, Function<FieldReader, T> parse) {
        JsonNode object = node;
        if (!node.isObject()) {
            problems.add(new Problem(
                    Problem.Severity.ERROR,
                    RejectionCode.INVALID_FIELD,
                    path,
                    "must be an object, but is " + typeOf(node)));
            object = JsonNodeFactory.instance.objectNode();
        }
        FieldReader reader = new FieldReader(path, object, problems);
        T result = parse.apply(reader);
        reader.reportUnknownFields();
        return result;
    }

    <T> Optional<T> object(String name, Function<FieldReader, T> parse) {
        return field(name).map(value -> child(pathOf(name), value, problems, parse));
    }

    <T> List<T> objects(String name, Function<FieldReader, T> parse) {
        List<T> result = new ArrayList<>();
        List<JsonNode> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            result.add(child(pathOf(name) + "[" + i + "]", items.get(i), problems, parse));
        }
        return result;
    }

    /** Host names, in lower case as everything that compares them has them. */
    List<String> hosts(String name) {
        return strings(name).stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    List<String> strings(String name) {
        List<String> result = new ArrayList<>();
        List<JsonNode> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).isTextual()) {
                result.add(items.get(i).asText());
            } else {
                wrongType(name + "[" + i + "]", items.get(i), "a string");
            }
        }
        return result;
    }

    List<Integer> integers(String name, int min, int max) {
        List<Integer> result = new ArrayList<>();
        List<JsonNode> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            integral(name + "[" + i + "]", items.get(i), min, max).ifPresent(value -> result.add(value.intValue()));
        }
        return result;
    }

    private List<JsonNode> items(String name) {
        List<JsonNode> items = new ArrayList<>();
        field(name).ifPresent(value -> {
            if (value.isArray()) {
                value.forEach(items::add);
            } else {
                wrongType(name, value, "a list");
            }
        });
        return items;
    }

    /** In the order of the source. */
    Map<String, String> stringMap(String name) {
        Map<String, String> result = new LinkedHashMap<>();
        entries(name).forEach((key, value) -> {
            if (value.isTextual()) {
                result.put(key, value.asText());
            } else {
                wrongType(name + "[" + key + "]", value, "a string");
            }
        });
        return result;
    }

    Map<String, Integer> integerMap(String name, int min, int max) {
        Map<String, Integer> result = new LinkedHashMap<>();
        entries(name)
                .forEach((key, value) -> integral(name + "[" + key + "]", value, min, max)
                        .ifPresent(number -> result.put(key, number.intValue())));
        return result;
    }

    <T> Map<String, T> objectMap(String name, Function<FieldReader, T> parse) {
        Map<String, T> result = new LinkedHashMap<>();
        entries(name)
                .forEach(
                        (key, value) -> result.put(key, child(pathOf(name) + "[" + key + "]", value, problems, parse)));
        return result;
    }

    private Map<String, JsonNode> entries(String name) {
        Map<String, JsonNode> entries = new LinkedHashMap<>();
        field(name).ifPresent(value -> {
            if (value.isObject()) {
                value.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
            } else {
                wrongType(name, value, "a map");
            }
        });
        return entries;
    }

    private void reportUnknownFields() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                problems.add(new Problem(
                        Problem.Severity.ERROR,
                        RejectionCode.UNKNOWN_FIELD,
                        pathOf(name),
                        "unknown field \"" + abbreviate(name) + "\"" + NearestName.hint(name, known)));
            }
        });
    }
}
