package io.meridian.model.istio;

import java.time.Duration;
import java.util.Optional;

/** Faults that are put in on purpose. At least one of the two. */
public record HttpFault(Optional<Delay> delay, Optional<Abort> abort) {

    /** {@code percent}: of the requests, 0 to 100; 0 when unset, as in Istio. */
    public record Delay(double percent, Duration fixedDelay) {}

    /** {@code percent}: of the requests, 0 to 100; 0 when unset, as in Istio. */
    public record Abort(double percent, AbortStatus status) {}

    /** What an aborted request is answered with. */
    public sealed interface AbortStatus {
        /** 200 to 599. */
        record Http(int code) implements AbortStatus {}

        /** A code of gRPC by name, upper case: "UNAVAILABLE". */
        record Grpc(String code) implements AbortStatus {}
    }
}
