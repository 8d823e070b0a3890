package io.meridian.cli.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.meridian.api.type.v1.Finding;
import io.meridian.cli.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The google.rpc details that a server attached to an error; details of unknown types are skipped. */
record ErrorDetails(
        List<Finding> findings,
        List<BadRequest.FieldViolation> fields,
        List<PreconditionFailure.Violation> preconditions,
        List<ErrorInfo> infos,
        Optional<Duration> retryAfter) {

    static ErrorDetails of(StatusRuntimeException e) {
        List<Finding> findings = new ArrayList<>();
        List<BadRequest.FieldViolation> fields = new ArrayList<>();
        List<PreconditionFailure.Violation> preconditions = new ArrayList<>();
        List<ErrorInfo> infos = new ArrayList<>();
        Optional<Duration> retryAfter = Optional.empty();
        com.google.rpc.Status status = StatusProto.fromThrowable(e);
        List<Any> details = status == null ? List.of() : status.getDetailsList();
        for (Any detail : details) {
            unpack(detail, Finding.class).ifPresent(findings::add);
            unpack(detail, BadRequest.class).ifPresent(bad -> fields.addAll(bad.getFieldViolationsList()));
            unpack(detail, PreconditionFailure.class)
                    .ifPresent(failure -> preconditions.addAll(failure.getViolationsList()));
            unpack(detail, ErrorInfo.class).ifPresent(infos::add);
            Optional<RetryInfo> retry = unpack(detail, RetryInfo.class);
            if (retry.isPresent()) {
                retryAfter = retry.map(info -> Durations.of(info.getRetryDelay()));
            }
        }
        return new ErrorDetails(findings, fields, preconditions, infos, retryAfter);
    }

    private static <T extends Message> Optional<T> unpack(Any detail, Class<T> type) {
        try {
            return detail.is(type) ? Optional.of(detail.unpack(type)) : Optional.empty();
        } catch (InvalidProtocolBufferException e) {
            // A detail that cannot be read must not hide the error itself.
            return Optional.empty();
        }
    }
}
