package io.meridian.replicator.internal;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.meridian.api.commands.v1.CommandResponse;
import io.meridian.api.replication.v1.ExecuteRequest;
import io.meridian.api.replication.v1.RegionPeerGrpc.RegionPeerStub;
import io.meridian.model.mesh.CommandCodec;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One command on its way to another region. What matters is the difference between "it certainly did not arrive" and "nobody knows": a
 * failure counts as the former only if not even the call's headers were given to a connection, or if the peer says that it refused it
 * unexecuted.
 */
final class ForwardedCommand {
    private static final Duration RETRY_AFTER = Duration.ofMillis(500);
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final RegionId peer;
    private final CommandRequest request;
    private final Epoch expectedEpoch;
    private volatile boolean mayHaveArrived;

    ForwardedCommand(RegionId peer, CommandRequest request, Epoch expectedEpoch) {
        this.peer = peer;
        this.request = request;
        this.expectedEpoch = expectedEpoch;
    }

    /** Never completes exceptionally. */
    CompletableFuture<CommandOutcome> send(RegionPeerStub stub, Duration timeout) {
        // The peer gives up first, so that its own word arrives rather than our deadline.
        Duration peerTimeout = timeout.multipliedBy(9).dividedBy(10);
        ExecuteRequest message = ExecuteRequest.newBuilder()
                .setRequest(CommandCodec.toProto(request))
                .setExpectedEpoch(expectedEpoch.value())
                .setTimeout(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(peerTimeout.toSeconds())
                        .setNanos(peerTimeout.toNanosPart() % NANOS_PER_SECOND))
                .build();
        CompletableFuture<CommandOutcome> outcome = new CompletableFuture<>();
        stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .withInterceptors(new Tracing())
                .execute(message, new StreamObserver<CommandResponse>() {
                    @Override
                    public void onNext(CommandResponse response) {
                        outcome.complete(parse(response));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        outcome.complete(failed(Status.fromThrowable(failure)));
                    }

                    @Override
                    public void onCompleted() {
                        outcome.complete(unknown("region " + peer + " answered nothing"));
                    }
                });
        return outcome;
    }

    private CommandOutcome parse(CommandResponse response) {
        try {
            return CommandCodec.toOutcome(response);
        } catch (IllegalArgumentException e) {
            return unknown("region " + peer + " answered what this version does not understand: " + e.getMessage());
        }
    }

    private CommandOutcome failed(Status status) {
        String what = status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
        if (!mayHaveArrived) {
            Throwable cause = status.getCause();
            return new CommandOutcome.Unavailable(
                    "region " + peer + ", the home of mesh " + request.mesh() + ", cannot be reached ("
                            + (cause == null || cause.getMessage() == null ? what : cause.getMessage()) + ")",
                    RETRY_AFTER);
        }
        return switch (status.getCode()) {
            // Said by our service, or by gRPC in its place, before the command is looked at.
            case INVALID_ARGUMENT, UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED, FAILED_PRECONDITION ->
                new CommandOutcome.Unavailable(
                        "region " + peer + " refused the command unread (" + what + ")", RETRY_AFTER);
            default -> unknown("the answer of region " + peer + " is missing (" + what + ")");
        };
    }

    private CommandOutcome unknown(String message) {
        return new CommandOutcome.Unknown(request.commandId(), message);
    }

    /** Notices when the call is given to a connection. */
    private final class Tracing implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return next.newCall(method, options.withStreamTracerFactory(new ClientStreamTracer.Factory() {
                @Override
                public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
                    return new ClientStreamTracer() {
                        @Override
                        public void outboundHeaders() {
                            mayHaveArrived = true;
                        }

                        @Override
                        public void outboundMessage(int number) {
                            mayHaveArrived = true;
                        }
                    };
                }
            }));
        }
    }
}
