package io.meridian.cli.demo;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A gateway as far as connecting goes: it says that it is healthy, takes ADS streams, and counts them. Messages stay bytes. */
final class FakeXds implements AutoCloseable {
    /** grpc.health.v1.HealthCheckResponse with status SERVING. */
    private static final byte[] SERVING = {8, 1};

    private static final String ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
    private static final String HEALTH = "grpc.health.v1.Health";

    private final AtomicInteger open = new AtomicInteger();
    private final Server server;
    private final int port;

    /** @param port 0: chosen by the system */
    FakeXds(int port) throws IOException {
        MethodDescriptor<byte[], byte[]> check = method(HEALTH, "Check", MethodType.UNARY);
        MethodDescriptor<byte[], byte[]> delta = method(ADS, "DeltaAggregatedResources", MethodType.BIDI_STREAMING);
        MethodDescriptor<byte[], byte[]> state = method(ADS, "StreamAggregatedResources", MethodType.BIDI_STREAMING);
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(ServerServiceDefinition.builder(HEALTH)
                        .addMethod(check, ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(SERVING);
                            answer.onCompleted();
                        }))
                        .build())
                .addService(ServerServiceDefinition.builder(ADS)
                        .addMethod(delta, ServerCalls.asyncBidiStreamingCall(this::stream))
                        .addMethod(state, ServerCalls.asyncBidiStreamingCall(this::stream))
                        .build())
                .build()
                .start();
        this.port = server.getPort();
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    int openStreams() {
        return open.get();
    }

    @Override
    public void close() {
        crash();
    }

    /** Connections break, and nobody listens any more. */
    void crash() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private StreamObserver<byte[]> stream(StreamObserver<byte[]> responses) {
        open.incrementAndGet();
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] request) {
                // It has nothing to send.
            }

            @Override
            public void onError(Throwable error) {
                open.decrementAndGet();
            }

            @Override
            public void onCompleted() {
                open.decrementAndGet();
                responses.onCompleted();
            }
        };
    }

    private static MethodDescriptor<byte[], byte[]> method(String service, String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream in) {
            try {
                return in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
