package io.meridian.model.resource;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.math.BigDecimal;
import java.util.TreeMap;

/**
 * The one way to write a spec, so that equal specs are equal bytes: UTF-8, no insignificant space, members sorted by name, a number with
 * an integral value without fraction or exponent. Nulls stay. Thread-safe.
 */
public final class CanonicalJson {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                    .build())
            .build();

    /** Beyond it, a number is written as it is: spelling out 1e999999 would fill the memory. */
    private static final int MAX_DIGITS = 40;

    private CanonicalJson() {}

    public static ByteString write(JsonNode value) {
        try {
            return ByteString.copyFrom(JSON.writeValueAsBytes(canonical(value)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree cannot be written", e);
        }
    }

    private static JsonNode canonical(JsonNode value) {
        if (value instanceof ObjectNode object) {
            TreeMap<String, JsonNode> sorted = new TreeMap<>();
            object.properties().forEach(member -> sorted.put(member.getKey(), canonical(member.getValue())));
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            sorted.forEach(result::set);
            return result;
        }
        if (value instanceof ArrayNode array) {
            ArrayNode result = JsonNodeFactory.instance.arrayNode(array.size());
            array.forEach(item -> result.add(canonical(item)));
            return result;
        }
        return value.isNumber() ? canonicalNumber(value) : value;
    }

    private static JsonNode canonicalNumber(JsonNode value) {
        if (value.isIntegralNumber() || !Double.isFinite(value.doubleValue())) {
            return value;
        }
        BigDecimal number = value.decimalValue().stripTrailingZeros();
        if (number.scale() <= 0 && number.precision() - number.scale() <= MAX_DIGITS) {
            return JsonNodeFactory.instance.numberNode(number.toBigInteger());
        }
        return JsonNodeFactory.instance.numberNode(value.doubleValue());
    }
}
