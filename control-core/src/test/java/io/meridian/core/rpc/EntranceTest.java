package io.meridian.core.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.core.feed.FeedService;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EntranceTest {
    private final InMemoryRegion region = InMemoryRegion.alone();
    private final FeedService feed =
            new FeedService(region.meshes(), region.meshes(), region.inventories(), region.proxies());
    private final Entrance entrance = new Entrance(RegionServer.services(region, feed));
    private final Server server = NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addServices(entrance.definitions())
            .build();
    private ManagedChannel channel = NettyChannelBuilder.forTarget("unused").build();

    @BeforeEach
    void start() throws IOException {
        var _ = server.start();
        channel.shutdownNow();
        channel = channel(server);
    }

    private static ManagedChannel channel(Server server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.shutdownNow();
        feed.close();
        region.close();
    }

    private ListMeshesResponse list() {
        return MeshServiceGrpc.newBlockingStub(channel).listMeshes(ListMeshesRequest.getDefaultInstance());
    }

    @Test
    void healthTellsThatAllIsServedUntilTheRegionLeaves() {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);

        assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(health.check(HealthCheckRequest.newBuilder()
                                .setService("meridian.admin.v1.MeshService")
                                .build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        entrance.leave();
        assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(ServingStatus.NOT_SERVING);
    }

    @Test
    void reflectionListsTheServices() {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(answer.orTimeout(10, TimeUnit.SECONDS)
                        .join()
                        .getListServicesResponse()
                        .getServiceList())
                .extracting(service -> service.getName())
                .contains(
                        "meridian.admin.v1.MeshService",
                        "meridian.admin.v1.ResourceService",
                        "meridian.feed.v1.EventFeed",
                        "grpc.health.v1.Health");
        requests.onCompleted();
    }

    @Test
    void whatNobodyForesawIsAnsweredByAnIdOnly() throws IOException {
        Entrance broken = new Entrance(List.of(new MeshServiceGrpc.MeshServiceImplBase() {
            @Override
            public void getMesh(GetMeshRequest request, StreamObserver<Mesh> observer) {
                throw new IllegalStateException("secret");
            }
        }));
        Server brokenServer = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addServices(broken.definitions())
                .build()
                .start();
        ManagedChannel toIt = channel(brokenServer);

        Failures failure =
                Failures.of(() -> MeshServiceGrpc.newBlockingStub(toIt).getMesh(GetMeshRequest.getDefaultInstance()));

        toIt.shutdownNow();
        brokenServer.shutdownNow();
        assertThat(failure.code()).isEqualTo(Status.Code.INTERNAL);
        assertThat(failure.reason()).isEqualTo("INTERNAL");
        assertThat(failure.info().getMetadataMap()).containsKey("error_id");
        assertThat(failure.message()).doesNotContain("secret").doesNotContain("Exception");
    }

    @Test
    void manyViolationsFitIntoTheHeadersOfAnAnswer() {
        var _ = MeshServiceGrpc.newBlockingStub(channel)
                .createMesh(CreateMeshRequest.newBuilder().setMeshId("bookinfo").build());
        String host = "é".repeat(100);
        String manifest = IntStream.range(0, 500)
                .mapToObj(i -> Bookinfo.virtualService("n" + i, host))
                .collect(Collectors.joining("---\n"));

        Failures failure = Failures.of(() -> ResourceServiceGrpc.newBlockingStub(channel)
                .applyResources(Bookinfo.applying("many.yaml", manifest).build()));

        assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.message()).contains("many.yaml: line 13, column 9", "(and 999 more)");
        assertThat(failure.fields()).hasSizeBetween(2, 30);
        assertThat(failure.fields().getLast().getDescription()).matches("and 9\\d\\d more");
        assertThat(failure.info().getMetadataOrThrow("violations")).isEqualTo("1000");
    }

    @Test
    void garbageOnThePortLeavesTheServerServing() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[4096];
            random.nextBytes(garbage);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
                    OutputStream out = socket.getOutputStream()) {
                if (i % 2 == 0) {
                    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                out.write(garbage);
            } catch (IOException e) {
                // The server may hang up while we still write.
                assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|closed|aborted).*");
            }
        }

        assertThat(list().getMeshesList()).isEmpty();
    }

    @Test
    void aMessageThatIsNoProtobufEndsTheCallOnly() {
        MethodDescriptor<byte[], ListMeshesResponse> method = MeshServiceGrpc.getListMeshesMethod().toBuilder(
                        new MethodDescriptor.Marshaller<byte[]>() {
                            @Override
                            public InputStream stream(byte[] value) {
                                return new ByteArrayInputStream(value);
                            }

                            @Override
                            public byte[] parse(InputStream stream) {
                                return new byte[0];
                            }
                        },
                        MeshServiceGrpc.getListMeshesMethod().getResponseMarshaller())
                .build();

        assertThat(catchThrowable(() -> ClientCalls.blockingUnaryCall(
                        channel, method, CallOptions.DEFAULT, new byte[] {(byte) 0xff, (byte) 0xff, 1})))
                .isInstanceOf(io.grpc.StatusRuntimeException.class)
                .hasNoCause();
        assertThat(list().getMeshesList()).isEmpty();
    }
}
