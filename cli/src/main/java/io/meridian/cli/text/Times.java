package io.meridian.cli.text;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Points in time. */
public final class Times {
    private static final DateTimeFormatter TO_THE_SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private Times() {}

    public static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** Exact, in UTC: "2026-11-24T09:30:00.125Z". */
    public static String rfc3339(Timestamp timestamp) {
        return instant(timestamp).toString();
    }

    /** For tables: to the second. */
    public static String brief(Timestamp timestamp) {
        return TO_THE_SECOND.format(instant(timestamp));
    }

    /** How long ago, as {@link Durations#brief}; "-" for a time that is not set. */
    public static String age(Timestamp timestamp, Instant now) {
        if (timestamp.equals(Timestamp.getDefaultInstance())) {
            return "-";
        }
        return Durations.brief(java.time.Duration.between(instant(timestamp), now));
    }
}
