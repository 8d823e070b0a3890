package io.meridian.model.mesh;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Between {@link Instant} and the wire, exact to the nanosecond. */
final class Timestamps {
    private Timestamps() {}

    static Timestamp toProto(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static Instant toInstant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
