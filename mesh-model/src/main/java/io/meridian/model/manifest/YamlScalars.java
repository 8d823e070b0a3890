package io.meridian.model.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a plain scalar means. The same as for kubectl (sigs.k8s.io/yaml), so that a file means the same here: {@code yes}, {@code on} and their kin
 * are booleans, as YAML 1.1 had it; {@code 0x1f}, {@code 0o17} and {@code 017} are integers; an integer stays one however long. Where a string is
 * wanted, such a value is refused by type as the Kubernetes API refuses it, and the message shows what it was taken for.
 */
final class YamlScalars {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(0|[1-9][0-9_]*)");
    private static final Map<Pattern, Integer> RADIXES = Map.of(
            Pattern.compile("([-+]?)0x([0-9a-fA-F_]+)"), 16,
            Pattern.compile("([-+]?)0o?([0-7_]+)"), 8,
            Pattern.compile("([-+]?)0b([01_]+)"), 2);
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,9})?");
    /** No number that means something is longer; longer ones would take long to read. */
    private static final int MAX_NUMBER_LENGTH = 100;

    private YamlScalars() {}

    /** A string for all that is nothing else. */
    static JsonNode plain(String text) {
        if (NULLS.contains(text)) {
            return JSON.nullNode();
        }
        if (TRUE.contains(text)) {
            return JSON.booleanNode(true);
        }
        if (FALSE.contains(text)) {
            return JSON.booleanNode(false);
        }
        return number(text).orElseGet(() -> JSON.textNode(text));
    }

    private static Optional<JsonNode> number(String text) {
        if (text.length() > MAX_NUMBER_LENGTH) {
            return Optional.empty();
        }
        if (DECIMAL.matcher(text).matches()) {
            return integer("", text.replace("+", ""), 10);
        }
        for (Map.Entry<Pattern, Integer> radix : RADIXES.entrySet()) {
            var match = radix.getKey().matcher(text);
            if (match.matches()) {
                return integer(match.group(1).replace("+", ""), match.group(2), radix.getValue());
            }
        }
        if (FLOAT.matcher(text).matches()) {
            double value = new BigDecimal(text).doubleValue();
            return Double.isFinite(value)
                    ? Optional.of(JSON.numberNode(new BigDecimal(String.valueOf(value))))
                    : Optional.empty();
        }
        return Optional.empty();
    }

    private static Optional<JsonNode> integer(String sign, String digits, int radix) {
        String plain = digits.replace("_", "");
        if (plain.isEmpty() || plain.equals("-")) {
            return Optional.empty();
        }
        BigInteger value = new BigInteger(sign + plain, radix);
        return Optional.of(value.bitLength() < Long.SIZE ? JSON.numberNode(value.longValue()) : JSON.numberNode(value));
    }

    /** Empty for a tag that is none of YAML's core schema, or a text that is not of its type. */
    static Optional<JsonNode> tagged(String tag, String text) {
        return switch (tag) {
            case "!", "tag:yaml.org,2002:str" -> Optional.of(JSON.textNode(text));
            case "tag:yaml.org,2002:int" -> Optional.of(plain(text)).filter(JsonNode::isIntegralNumber);
            case "tag:yaml.org,2002:float" -> Optional.of(plain(text)).filter(JsonNode::isNumber);
            case "tag:yaml.org,2002:bool" -> Optional.of(plain(text)).filter(JsonNode::isBoolean);
            case "tag:yaml.org,2002:null" -> Optional.of(plain(text)).filter(JsonNode::isNull);
            default -> Optional.empty();
        };
    }
}
