package io.meridian.model.istio;

import com.fasterxml.jackson.databind.JsonNode;
import io.meridian.model.mesh.RejectionCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** The part of {@link FieldReader} that reads single values and notes what is wrong. */
abstract class ScalarFields {
    private static final Duration ONE_MILLISECOND = Duration.ofMillis(1);

    /** A hundred years. Envoy refuses what does not fit into 63 bits of nanoseconds, about 292 years. */
    private static final Duration MAX_DURATION = Duration.ofDays(36_500);

    private final String path;
    final JsonNode node;
    final List<Problem> problems;
    final Set<String> known = new LinkedHashSet<>();

    ScalarFields(String path, JsonNode node, List<Problem> problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    String pathOf(String field) {
        return field.isEmpty() ? path : path + "." + field;
    }

    /** {@code field} relative to this object, "" for itself. */
    void error(String field, String message) {
        problems.add(new Problem(Problem.Severity.ERROR, RejectionCode.INVALID_FIELD, pathOf(field), message));
    }

    void warning(String field, String message) {
        problems.add(new Problem(Problem.Severity.WARNING, RejectionCode.INVALID_FIELD, pathOf(field), message));
    }

    /** An error if there is a message. */
    void check(String field, Optional<String> problem) {
        problem.ifPresent(message -> error(field, message));
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    /** Refuses an object without the field. */
    void require(String field) {
        if (!has(field)) {
            error(field, "is required");
        }
    }

    /** At most one of the fields may be there. */
    void atMostOne(String... fields) {
        List<String> present = Arrays.stream(fields).filter(this::has).toList();
        if (present.size() > 1) {
            error(
                    "",
                    "must not have both " + String.join(" and ", present) + ": at most one of "
                            + String.join(", ", fields) + " is allowed");
        }
    }

    /** Makes the field a known one without reading it. */
    void ignore(String name) {
        known.add(name);
    }

    final Optional<JsonNode> field(String name) {
        known.add(name);
        return has(name) ? Optional.of(node.get(name)) : Optional.empty();
    }

    final <T> Optional<T> wrongType(String name, JsonNode value, String expected) {
        error(name, "must be " + expected + ", but is " + typeOf(value));
        return Optional.empty();
    }

    static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case BOOLEAN -> "the boolean " + value.asText();
            case NUMBER -> "the number " + value.asText();
            case STRING -> "the string \"" + abbreviate(value.asText()) + "\"";
            case BINARY, MISSING, NULL, POJO -> "null";
        };
    }

    static String abbreviate(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }

    /** Empty for an empty text, as protobuf has it. */
    Optional<String> string(String name) {
        return field(name)
                .flatMap(value -> value.isTextual() ? Optional.of(value.asText()) : wrongType(name, value, "a string"))
                .filter(text -> !text.isEmpty());
    }

    /** An empty text counts as given. */
    Optional<String> rawString(String name) {
        return field(name)
                .flatMap(value -> value.isTextual() ? Optional.of(value.asText()) : wrongType(name, value, "a string"));
    }

    /** "" if not there, with an error. */
    String requiredString(String name) {
        Optional<String> value = string(name);
        if (value.isEmpty() && (!has(name) || node.get(name).isTextual())) {
            error(name, "is required and must not be empty");
        }
        return value.orElse("");
    }

    Optional<Boolean> bool(String name) {
        return field(name)
                .flatMap(value ->
                        value.isBoolean() ? Optional.of(value.asBoolean()) : wrongType(name, value, "true or false"));
    }

    boolean flag(String name) {
        return bool(name).orElse(false);
    }

    OptionalLong longInteger(String name, long min, long max) {
        return toLong(field(name).flatMap(value -> integral(name, value, min, max)));
    }

    OptionalInt integer(String name, int min, int max) {
        OptionalLong value = longInteger(name, min, max);
        return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
    }

    /** 1 to 65535. */
    OptionalInt port(String name) {
        return integer(name, 1, 65535);
    }

    final Optional<Long> integral(String name, JsonNode value, long min, long max) {
        if (!value.isNumber() || value.doubleValue() != Math.rint(value.doubleValue())) {
            return wrongType(name, value, "a whole number from " + min + " to " + max);
        }
        boolean inRange = value.isIntegralNumber()
                ? value.canConvertToLong() && value.longValue() >= min && value.longValue() <= max
                : value.doubleValue() >= min && value.doubleValue() <= max;
        if (!inRange) {
            error(name, "must be a whole number from " + min + " to " + max + ", but is " + value.asText());
            return Optional.empty();
        }
        return Optional.of(value.longValue());
    }

    private static OptionalLong toLong(Optional<Long> value) {
        return value.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    OptionalDouble number(String name, double min, double max) {
        Optional<JsonNode> value = field(name);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!value.get().isNumber()) {
            wrongType(name, value.get(), "a number from " + min + " to " + max);
            return OptionalDouble.empty();
        }
        double number = value.get().doubleValue();
        if (!(number >= min && number <= max)) {
            error(
                    name,
                    "must be a number from " + min + " to " + max + ", but is "
                            + value.get().asText());
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(number);
    }

    /** At least a millisecond, as Istio wants it nearly everywhere. */
    Optional<Duration> duration(String name) {
        return duration(name, ONE_MILLISECOND);
    }

    Optional<Duration> duration(String name, Duration min) {
        Optional<String> text = rawString(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Duration> duration = Durations.parse(text.get());
        if (duration.isEmpty()) {
            error(
                    name,
                    "must be a duration such as \"5s\", \"0.5s\" or \"1h30m\", but is \"" + abbreviate(text.get())
                            + "\"");
        } else if (duration.get().compareTo(MAX_DURATION) > 0) {
            error(name, "must be at most " + MAX_DURATION.toHours() + "h, but is \"" + text.get() + "\"");
            return Optional.empty();
        } else if (duration.get().compareTo(min) < 0) {
            error(name, "must be at least " + min.toMillis() + "ms, but is \"" + text.get() + "\"");
            return Optional.empty();
        }
        return duration;
    }

    <E extends Enum<E>> Optional<E> enumeration(String name, Class<E> type) {
        Optional<String> text = string(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        E[] constants = type.getEnumConstants();
        for (E constant : constants) {
            if (constant.name().equals(text.get())) {
                return Optional.of(constant);
            }
        }
        error(
                name,
                "must be one of "
                        + Arrays.stream(constants).map(Enum::name).collect(Collectors.joining(", ")) + ", but is \""
                        + abbreviate(text.get()) + "\"");
        return Optional.empty();
    }
}
