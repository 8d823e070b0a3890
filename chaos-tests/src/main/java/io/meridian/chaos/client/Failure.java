package io.meridian.chaos.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;

/**
 * What a failed call says, by the rules of the admin API (meshes.proto).
 *
 * @param meaning what may be concluded for a write
 * @param reason the stable code, or the status where there is none
 */
record Failure(Meaning meaning, String reason) {
    enum Meaning {
        /** Judged and refused: it did not happen, and the same call will not. */
        REFUSED,
        /** This attempt was not executed; another may be. */
        NOT_EXECUTED,
        /** This attempt may have been executed, or may be yet. */
        UNKNOWN
    }

    static final String ROLLED_BACK = "ROLLED_BACK";
    private static final String REGION_UNAVAILABLE = "REGION_UNAVAILABLE";

    static Failure of(StatusRuntimeException failure) {
        String reason = reason(failure);
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE ->
                new Failure(
                        reason.equals(REGION_UNAVAILABLE) || isRefusedConnection(failure)
                                ? Meaning.NOT_EXECUTED
                                : Meaning.UNKNOWN,
                        reason);
            case DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL -> new Failure(Meaning.UNKNOWN, reason);
            case RESOURCE_EXHAUSTED -> new Failure(Meaning.NOT_EXECUTED, reason);
            default -> new Failure(Meaning.REFUSED, reason);
        };
    }

    private static String reason(StatusRuntimeException failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    try {
                        return detail.unpack(ErrorInfo.class).getReason();
                    } catch (InvalidProtocolBufferException e) {
                        return "unreadable ErrorInfo";
                    }
                }
            }
        }
        Status told = failure.getStatus();
        return told.getDescription() == null ? told.getCode().name() : told.getCode() + ": " + told.getDescription();
    }

    private static boolean isRefusedConnection(StatusRuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }
}
