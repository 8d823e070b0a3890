package io.meridian.model.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tree of values that know where they stand. Immutable; an alias shares the node of its anchor. */
sealed interface YamlNode {
    Place place();

    /** How many values there are in it, itself included and aliases expanded. */
    int size();

    JsonNode toJson();

    /** {@code value}: a string, number, boolean or null of JSON. */
    record Scalar(Place place, JsonNode value) implements YamlNode {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public JsonNode toJson() {
            return value;
        }
    }

    record Sequence(Place place, int size, List<YamlNode> items) implements YamlNode {
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public JsonNode toJson() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode(items.size());
            items.forEach(item -> array.add(item.toJson()));
            return array;
        }
    }

    /** In the order of the file. */
    record Mapping(Place place, int size, Map<String, Member> members) implements YamlNode {
        public Mapping {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        /** The value of a member that is there and not null. */
        Optional<YamlNode> get(String name) {
            return Optional.ofNullable(members.get(name))
                    .map(Member::value)
                    .filter(value ->
                            !(value instanceof Scalar scalar && scalar.value().isNull()));
        }

        @Override
        public JsonNode toJson() {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            members.forEach((name, member) -> object.set(name, member.value().toJson()));
            return object;
        }
    }

    /** {@code place}: of the key. */
    record Member(Place place, YamlNode value) {}

    /** An empty mapping that stands nowhere else. */
    static Mapping emptyMapping(Place place) {
        return new Mapping(place, 1, Map.of());
    }
}
