package io.meridian.model.istio;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as JSON of protobuf and Go write them: "5s", "0.5s", "1h30m", "100ms". */
final class Durations {
    private static final Pattern WHOLE =
            Pattern.compile("([+-]?)((?:\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18})(?:ns|us|µs|ms|s|m|h))+");
    private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, BigDecimal> NANOS = Map.of(
            "ns", BigDecimal.ONE,
            "us", new BigDecimal("1e3"),
            "µs", new BigDecimal("1e3"),
            "ms", new BigDecimal("1e6"),
            "s", new BigDecimal("1e9"),
            "m", new BigDecimal("60e9"),
            "h", new BigDecimal("3600e9"));
    /** Protobuf's limit of a Duration, about 10,000 years. */
    private static final BigDecimal MAX_NANOS = new BigDecimal("315576000000e9");

    private static final BigDecimal NANOS_PER_SECOND = new BigDecimal("1e9");

    private Durations() {}

    /** Empty if it is none, or beyond what protobuf can hold. */
    static Optional<Duration> parse(String text) {
        if (text.equals("0")) {
            return Optional.of(Duration.ZERO);
        }
        Matcher whole = WHOLE.matcher(text);
        if (text.length() > 64 || !whole.matches()) {
            return Optional.empty();
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
        }
        if (nanos.compareTo(MAX_NANOS) > 0) {
            return Optional.empty();
        }
        BigDecimal[] split = nanos.divideAndRemainder(NANOS_PER_SECOND);
        Duration duration = Duration.ofSeconds(split[0].longValue(), split[1].longValue());
        return Optional.of(text.startsWith("-") ? duration.negated() : duration);
    }

    private static BigDecimal unit(String name) {
        BigDecimal unit = NANOS.get(name);
        if (unit == null) {
            throw new IllegalStateException("no unit " + name);
        }
        return unit;
    }
}
