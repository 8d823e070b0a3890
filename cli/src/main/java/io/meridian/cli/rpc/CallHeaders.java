package io.meridian.cli.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Gives calls the header that names the actor, and a deadline. */
final class CallHeaders {
    /** Read by the admin services; what the client says of itself. */
    private static final Metadata.Key<String> ACTOR =
            Metadata.Key.of("meridian-actor", Metadata.ASCII_STRING_MARSHALLER);

    private final String actor;

    CallHeaders(String actor) {
        this.actor = actor;
    }

    /** @param remaining null for a call without a deadline */
    Channel on(Channel channel, @Nullable Duration remaining) {
        return ClientInterceptors.intercept(channel, new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                CallOptions limited = remaining == null
                        ? options
                        : options.withDeadlineAfter(remaining.toNanos(), TimeUnit.NANOSECONDS);
                return new SimpleForwardingClientCall<>(next.newCall(method, limited)) {
                    @Override
                    public void start(Listener<R> listener, Metadata metadata) {
                        metadata.put(ACTOR, actor);
                        super.start(listener, metadata);
                    }
                };
            }
        });
    }
}
