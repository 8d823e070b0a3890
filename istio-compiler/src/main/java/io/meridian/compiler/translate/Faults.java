package io.meridian.compiler.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.meridian.model.istio.HttpFault;
import java.util.List;
import java.util.Optional;

/** Faults, as the configuration that a route gives to the fault filter. */
final class Faults {
    /** In the order of their numbers, from 0: grpc/doc/statuscodes.md. */
    private static final List<String> GRPC_CODES = List.of(
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED");

    private Faults() {}

    /** Empty if there is neither delay nor abort. */
    static Optional<Any> of(HttpFault fault) {
        if (fault.delay().isEmpty() && fault.abort().isEmpty()) {
            return Optional.empty();
        }
        HTTPFault.Builder out = HTTPFault.newBuilder();
        fault.delay().ifPresent(delay -> out.setDelay(delay(delay)));
        fault.abort().ifPresent(abort -> out.setAbort(abort(abort)));
        return Optional.of(ProtoValues.any(out.build()));
    }

    private static FaultDelay delay(HttpFault.Delay delay) {
        return FaultDelay.newBuilder()
                .setPercentage(ProtoValues.fraction(delay.percent()))
                .setFixedDelay(ProtoValues.duration(delay.fixedDelay()))
                .build();
    }

    private static FaultAbort abort(HttpFault.Abort abort) {
        FaultAbort.Builder out = FaultAbort.newBuilder().setPercentage(ProtoValues.fraction(abort.percent()));
        switch (abort.status()) {
            case HttpFault.AbortStatus.Http http -> out.setHttpStatus(http.code());
            case HttpFault.AbortStatus.Grpc grpc -> out.setGrpcStatus(grpcCode(grpc.code()));
        }
        return out.build();
    }

    /** Parsing refuses other names; in specs that were stored under other rules they mean UNKNOWN. */
    private static int grpcCode(String name) {
        int code = GRPC_CODES.indexOf(name);
        return code < 0 ? GRPC_CODES.indexOf("UNKNOWN") : code;
    }
}
