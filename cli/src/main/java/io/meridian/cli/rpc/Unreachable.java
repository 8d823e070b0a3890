package io.meridian.cli.rpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** Tells a server that was never reached, so that nothing was sent, from one that failed in the middle. */
final class Unreachable {
    private static final int MAX_DEPTH = 10;

    private Unreachable() {}

    /** Why the server could not be reached; null if it may have been. */
    static @Nullable String reason(StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
            return null;
        }
        Throwable cause = e.getStatus().getCause();
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            switch (cause) {
                case UnknownHostException unknown -> {
                    return "unknown host";
                }
                case UnresolvedAddressException unresolved -> {
                    return "unknown host";
                }
                case NoRouteToHostException none -> {
                    return "no route to host";
                }
                case ConnectException refused -> {
                    String message = String.valueOf(refused.getMessage());
                    return message.contains("timed out") ? "connection timed out" : "connection refused";
                }
                default -> cause = cause.getCause();
            }
        }
        return null;
    }
}
