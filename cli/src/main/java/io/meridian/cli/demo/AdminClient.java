package io.meridian.cli.demo;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Calls one region's admin API. Thread-safe; close it. */
final class AdminClient implements AutoCloseable {
    /** A write may be forwarded, and a region that has just begun may say that it is not ready. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int MAX_MESSAGE_BYTES = 64 << 20;
    private static final Metadata.Key<String> ACTOR =
            Metadata.Key.of("meridian-actor", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final String address;

    /** {@code address}: HOST:PORT. Nothing is connected yet. */
    AdminClient(String address) {
        this.address = address;
        Metadata headers = new Metadata();
        headers.put(ACTOR, "demo");
        this.channel = NettyChannelBuilder.forTarget("dns:///" + address)
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
    }

    /** One try. Throws StatusRuntimeException. */
    <T> T call(Duration timeout, Function<Channel, T> rpc) {
        return rpc.apply(ClientInterceptors.intercept(channel, new DeadlineInterceptor(timeout)));
    }

    /** Tries for {@link #PATIENCE} while the region is unavailable. Throws DemoException that says what failed. */
    <T> T insist(String what, Function<Channel, T> rpc) {
        try {
            return insistOrThrow(rpc);
        } catch (StatusRuntimeException e) {
            throw new DemoException("cannot " + what + " through " + address + ": " + e.getMessage(), e);
        }
    }

    /** As {@link #insist}, for callers that tell one refusal from another. Throws StatusRuntimeException. */
    <T> T insistOrThrow(Function<Channel, T> rpc) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return call(PATIENCE, rpc);
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
