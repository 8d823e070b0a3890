package io.meridian.benchmarks;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The floor of the gateway's work for one endpoint: a bare grpc-java server that sends one shared array of bytes to all streams, and reads
 * what they answer. It knows nothing of meshes. A stream gets it when it begins, and each line on standard input sends it to all.
 */
@Command(name = "floor-server", description = "a bare grpc-java server that sends the same bytes to all delta streams")
final class FloorServer implements Callable<Integer> {
    /** As the gateway's. */
    private static final int RECEIVE_WINDOW_BYTES = 256 << 10;

    @Option(names = "--bytes", required = true, description = "of each response")
    private int bytes;

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());
    /** By the loop that they live on; filled before the server starts, each list touched on its loop only. */
    private final Map<EventExecutor, List<ServerCall<DeltaDiscoveryRequest, byte[]>>> streams = new HashMap<>();

    @Override
    public Integer call() throws Exception {
        byte[] response = filled();
        loops.forEach(loop -> streams.put(loop, new ArrayList<>()));
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(EpollServerSocketChannel.class)
                .flowControlWindow(RECEIVE_WINDOW_BYTES)
                .directExecutor()
                .addService(service(response))
                .build()
                .start();
        System.out.println("ready xds=127.0.0.1:" + server.getPort());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (lines.readLine() != null) {
                streams.forEach((loop, calls) -> loop.execute(() -> calls.forEach(call -> call.sendMessage(response))));
            }
        }
        server.shutdownNow().awaitTermination();
        loops.shutdownGracefully().awaitUninterruptibly();
        return 0;
    }

    private ServerServiceDefinition service(byte[] response) {
        MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method =
                AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
        return ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                .addMethod(
                        method.toBuilder(method.getRequestMarshaller(), new Bytes())
                                .build(),
                        (call, headers) -> open(call, response))
                .build();
    }

    private ServerCall.Listener<DeltaDiscoveryRequest> open(
            ServerCall<DeltaDiscoveryRequest, byte[]> call, byte[] response) {
        streams.forEach((loop, calls) -> {
            if (loop.inEventLoop()) {
                calls.add(call);
            }
        });
        call.sendHeaders(new Metadata());
        call.request(1);
        call.sendMessage(response);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(DeltaDiscoveryRequest request) {
                call.request(1);
            }
        };
    }

    private byte[] filled() {
        DeltaDiscoveryResponse empty = response(0);
        // A tag and a length more, and the length of what is around it.
        return response(Math.max(0, bytes - empty.getSerializedSize() - 5)).toByteArray();
    }

    private static DeltaDiscoveryResponse response(int filled) {
        return DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(XdsClient.EDS)
                .setNonce("floor")
                .addResources(Resource.newBuilder()
                        .setName("outbound|80||floor")
                        .setVersion("floor")
                        .setResource(Any.newBuilder()
                                .setTypeUrl(XdsClient.EDS)
                                .setValue(ByteString.copyFrom(new byte[filled]))))
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] response) {
            return new ByteArrayInputStream(response);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("a server does not read responses");
        }
    }
}
