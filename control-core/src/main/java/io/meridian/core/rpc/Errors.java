package io.meridian.core.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.meridian.core.MeshUnavailableException;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.Position;
import io.meridian.persistence.JournalUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where failures become gRPC statuses: every one with {@link ErrorInfo}, whose reason is a stable code and whose domain is
 * {@link #DOMAIN}, and with the other details of google.rpc that fit. What nobody foresaw is logged under an id, and only the id is told.
 */
public final class Errors {
    public static final String DOMAIN = "meridian.io";

    /** The write may have happened: call again with the same request id, which {@code metadata["request_id"]} tells. */
    public static final String OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN";

    /** The home of the mesh, or the named region, does not answer or takes no writes now. */
    public static final String REGION_UNAVAILABLE = "REGION_UNAVAILABLE";

    /** The region that something was to be moved to does not answer: asking again helps no more than it did before. */
    public static final String REGION_UNREACHABLE = "REGION_UNREACHABLE";

    /** The region does not hold the demanded position yet. */
    public static final String POSITION_NOT_REACHED = "POSITION_NOT_REACHED";

    /** The demanded position lies on a branch that was abandoned: what was acknowledged there is not in force. */
    public static final String ROLLED_BACK = "ROLLED_BACK";

    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
    private static final Duration RETRY_READ = Duration.ofMillis(500);
    private static final Duration RETRY_WRITE = Duration.ofSeconds(1);

    private Errors() {}

    /** A field of the request itself is not what it must be. {@code message} says what is allowed. */
    public static StatusRuntimeException invalid(String field, String message) {
        return rejected(List.of(new Violation(RejectionCode.INVALID_FIELD, "", field, message)));
    }

    public static StatusRuntimeException rejected(List<Violation> violations) {
        return Rejections.status(violations);
    }

    /**
     * Something that was named does not exist.
     *
     * @param type of the resource in this API, "Cluster"
     * @param name its full name, "meshes/bookinfo/clusters/k8s-1"
     */
    public static StatusRuntimeException notFound(RejectionCode code, String type, String name, String message) {
        return status(
                Status.Code.NOT_FOUND,
                message,
                info(code.name(), Map.of("resource", name)),
                ResourceInfo.newBuilder()
                        .setResourceType(resourceType(type))
                        .setResourceName(name)
                        .setDescription(Rejections.cut(message))
                        .build());
    }

    static String resourceType(String type) {
        return "meridian.admin.v1." + type;
    }

    /** For the outcomes that are no acceptance. */
    public static StatusRuntimeException refused(CommandOutcome outcome) {
        return switch (outcome) {
            case CommandOutcome.Accepted accepted ->
                throw new IllegalArgumentException("an accepted command is not an error: " + accepted.position());
            case CommandOutcome.Rejected(var violations) -> rejected(violations);
            case CommandOutcome.Unavailable(var message, var retryAfter) -> unavailable(message, retryAfter);
            case CommandOutcome.Unknown(var commandId, var message) -> unknown(commandId, message);
        };
    }

    public static StatusRuntimeException unavailable(String message, Duration retryAfter) {
        return status(Status.Code.UNAVAILABLE, message, info(REGION_UNAVAILABLE, Map.of()), retry(retryAfter));
    }

    /**
     * DEADLINE_EXCEEDED rather than UNAVAILABLE: clients retry the latter by themselves, and where the server made the request id such a
     * retry would be another command.
     */
    public static StatusRuntimeException unknown(String requestId, String message) {
        return status(
                Status.Code.DEADLINE_EXCEEDED,
                "the write may or may not have happened; call again with request_id \"" + requestId + "\": " + message,
                info(OUTCOME_UNKNOWN, Map.of("request_id", requestId)),
                retry(RETRY_WRITE));
    }

    public static StatusRuntimeException behind(Position held, Position asked) {
        return status(
                Status.Code.UNAVAILABLE,
                "this region holds position " + held + " of mesh " + held.mesh() + " and did not reach " + asked
                        + " in time",
                info(POSITION_NOT_REACHED, Map.of("held", held.toString(), "asked", asked.toString())),
                retry(RETRY_READ));
    }

    public static StatusRuntimeException rolledBack(Position asked) {
        return status(
                Status.Code.ABORTED,
                "position " + asked + " of mesh " + asked.mesh() + " is not on the current branch of its log: what was"
                        + " written there is not in force",
                info(
                        ROLLED_BACK,
                        Map.of("asked", asked.toString(), "mesh", asked.mesh().value())));
    }

    public static StatusRuntimeException failedPrecondition(String reason, String subject, String message) {
        return status(
                Status.Code.FAILED_PRECONDITION,
                message,
                info(reason, Map.of("object", subject)),
                com.google.rpc.PreconditionFailure.newBuilder()
                        .addViolations(com.google.rpc.PreconditionFailure.Violation.newBuilder()
                                .setType(reason)
                                .setSubject(subject)
                                .setDescription(Rejections.cut(message)))
                        .build());
    }

    /** Begun and given up; {@code subject} is as it was. */
    public static StatusRuntimeException aborted(String reason, String subject, String message) {
        return status(Status.Code.ABORTED, message, info(reason, Map.of("object", subject)));
    }

    public static StatusRuntimeException unreachable(String region, String message) {
        return status(Status.Code.UNAVAILABLE, message, info(REGION_UNREACHABLE, Map.of("region", region)));
    }

    /** Whatever a handler or a port ended with. */
    public static StatusRuntimeException of(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            case ExecutionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            case StatusRuntimeException status -> status;
            case StatusException status -> status.getStatus().asRuntimeException(status.getTrailers());
            case TimeoutException timeout ->
                status(
                        Status.Code.DEADLINE_EXCEEDED,
                        "the region did not answer in time",
                        info("TIMEOUT", Map.of()),
                        retry(RETRY_READ));
            case MeshUnavailableException unavailable ->
                unavailable(String.valueOf(unavailable.getMessage()), RETRY_READ);
            case JournalUnavailableException unavailable -> {
                LOG.warn("journal did not answer: reason=\"{}\"", unavailable.getMessage());
                yield unavailable("the region's journal does not answer", RETRY_READ);
            }
            default -> internal(failure);
        };
    }

    private static StatusRuntimeException internal(Throwable failure) {
        String id = UUID.randomUUID().toString();
        LOG.error("call failed error_id={}", id, failure);
        return status(
                Status.Code.INTERNAL,
                "an internal error; the region's log tells more under error_id " + id,
                info("INTERNAL", Map.of("error_id", id)));
    }

    static ErrorInfo info(String reason, Map<String, String> metadata) {
        return ErrorInfo.newBuilder()
                .setDomain(DOMAIN)
                .setReason(reason)
                .putAllMetadata(metadata)
                .build();
    }

    private static RetryInfo retry(Duration after) {
        return RetryInfo.newBuilder()
                .setRetryDelay(Durations.fromMillis(after.toMillis()))
                .build();
    }

    private static StatusRuntimeException status(Status.Code code, String message, Message... details) {
        return status(code, Rejections.cut(message), List.of(details));
    }

    /** {@code message}: short enough for a header. */
    static StatusRuntimeException status(Status.Code code, String message, List<? extends Message> details) {
        List<Any> packed = new ArrayList<>();
        details.forEach(detail -> packed.add(Any.pack(detail)));
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addAllDetails(packed)
                .build());
    }
}
