package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.type.v1.Position;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever arrives at whichever port, the processes go on serving. */
final class RobustnessIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String XDS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
    private static final String MESH = "kept";
    private static final int GARBAGE_ROUNDS = 40;

    @TempDir
    static Path folder;

    private static ServerProcess region;
    private static ServerProcess gateway;

    @BeforeAll
    static void start() throws Exception {
        region = ServerProcess.startDev(folder.resolve("region"));
        gateway = ServerProcess.gateway(folder.resolve("gateway"), region.peer(), ServerProcess.ANY_PORT);
        region.cli().run("mesh", "create", MESH).expect(0);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        region.close();
    }

    /** Each port still does what it is for, in the same process. */
    @AfterEach
    void everyPortStillServes() {
        assertThat(region.alive()).isTrue();
        assertThat(gateway.alive()).isTrue();
        assertThat(region.cli().run("mesh", "list", "-o", "name").expect(0).out())
                .contains(MESH);
        for (String xds : List.of(region.xds(), gateway.xds())) {
            Await.until(xds + " is healthy", SOON, () -> healthOf(xds) == ServingStatus.SERVING);
        }
        // What goes through the peer port: the gateway learns of a new mesh.
        String mesh = "after-" + System.nanoTime();
        region.cli().run("mesh", "create", mesh).expect(0);
        Path copy = folder.resolve("gateway").resolve("meshes").resolve(mesh);
        Await.until("the feed brings the new mesh to the gateway", SOON, () -> Files.isDirectory(copy));
    }

    private static List<String> ports() {
        return List.of(region.admin(), region.xds(), region.peer(), gateway.xds());
    }

    private static ServingStatus healthOf(String address) {
        return with(
                address,
                channel -> HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(SOON)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus());
    }

    @Test
    void randomBytesAndOtherProtocolsAreNoHarm() throws IOException {
        Random random = new Random(7);
        for (String address : ports()) {
            for (int i = 0; i < GARBAGE_ROUNDS; i++) {
                byte[] noise = new byte[random.nextInt(4000) + 1];
                random.nextBytes(noise);
                send(address, noise);
            }
            send(address, text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
            send(address, text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense"));
            send(address, new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc, 0x03, 0x03});
        }
    }

    @Test
    void brokenHttp2IsNoHarm() throws IOException {
        byte[] preface = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        byte[] settings = frame(4, 0, 0, new byte[0]);
        List<byte[]> broken = List.of(
                // The preface alone, half of it, a frame that ends in its middle.
                preface,
                text("PRI * HTTP/2.0\r\n"),
                join(preface, settings, new byte[] {0x00, 0x40, 0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x01, 0x41}),
                // Headers that are no HPACK; a continuation of nothing; data of a stream that is not open; an unknown
                // frame.
                join(preface, settings, frame(1, 4, 1, new byte[] {-1, -1, -1, -1, -1, -1, -1})),
                join(preface, settings, frame(9, 4, 1, new byte[] {1, 2, 3})),
                join(preface, settings, frame(0, 0, 77, text("data"))),
                join(preface, settings, frame(0xee, 0xff, 3, text("unknown"))),
                // A frame that says to be the largest there is; a window that overflows; settings of a wrong length.
                join(preface, settings, new byte[] {-1, -1, -1, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}),
                join(preface, settings, frame(8, 0, 0, new byte[] {0x7f, -1, -1, -1}), frame(8, 0, 0, new byte[] {
                    0x7f, -1, -1, -1
                })),
                join(preface, frame(4, 0, 0, new byte[] {1, 2, 3})));
        // Kept open while the checks run, as a client that has stopped in the middle would.
        List<Socket> halfOpen = new ArrayList<>();
        try {
            for (String address : ports()) {
                for (byte[] bytes : broken) {
                    send(address, bytes);
                    Socket socket = Connections.connect(address);
                    halfOpen.add(socket);
                    socket.getOutputStream().write(bytes);
                }
            }
            everyPortStillServes();
        } finally {
            for (Socket socket : halfOpen) {
                socket.close();
            }
        }
    }

    @Test
    void unknownMethodsAreUnimplemented() {
        for (String address : ports()) {
            for (String method :
                    List.of("meridian.admin.v1.MeshService/Explode", "no.such.Service/Method", "/", "x/y/z")) {
                assertThat(codeOf(address, method, new byte[0]))
                        .as(address + " " + method)
                        .isEqualTo(Status.Code.UNIMPLEMENTED);
            }
        }
    }

    @Test
    void bytesThatAreNotTheMessageAreRefused() {
        byte[] garbage = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07, 0x0a, 0x7f, 0x01};
        Map<String, List<String>> methods = Map.of(
                region.admin(),
                List.of("meridian.admin.v1.MeshService/CreateMesh", "meridian.admin.v1.HistoryService/WatchEvents"),
                region.peer(),
                List.of(
                        RegionPeerGrpc.SERVICE_NAME + "/Execute",
                        RegionPeerGrpc.SERVICE_NAME + "/Follow",
                        RegionPeerGrpc.SERVICE_NAME + "/WatchHeads",
                        RegionPeerGrpc.SERVICE_NAME + "/WatchInventory",
                        EventFeedGrpc.SERVICE_NAME + "/Subscribe",
                        EventFeedGrpc.SERVICE_NAME + "/ReportProxies"),
                region.xds(),
                List.of(XDS + "/StreamAggregatedResources", XDS + "/DeltaAggregatedResources"),
                gateway.xds(),
                List.of(XDS + "/StreamAggregatedResources", XDS + "/DeltaAggregatedResources"));
        methods.forEach((address, names) -> {
            for (String name : names) {
                assertThat(codeOf(address, name, garbage))
                        .as(address + " " + name)
                        .isNotIn(Status.Code.OK, Status.Code.DEADLINE_EXCEEDED, Status.Code.UNAVAILABLE);
            }
        });
    }

    @Test
    void oversizedMessagesAreRefusedAndCostNothingElse() {
        byte[] large = new byte[64 << 20];
        Map<String, String> methods = Map.of(
                region.admin(), "meridian.admin.v1.ResourceService/ApplyResources",
                region.peer(), RegionPeerGrpc.SERVICE_NAME + "/Execute",
                region.xds(), XDS + "/DeltaAggregatedResources",
                gateway.xds(), XDS + "/StreamAggregatedResources");
        methods.forEach((address, method) -> assertThat(codeOf(address, method, large))
                .as(address + " " + method)
                // The server may also hang up while we still send.
                .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED, Status.Code.UNAVAILABLE));
    }

    @Test
    void aHugeManifestIsRefusedWithItsLimit() throws IOException {
        String object = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: huge}
                spec: {hosts: [huge.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
                """;
        String huge = object + "# ".repeat((4 << 20) / 2) + "\n";
        Path file = Files.writeString(folder.resolve("huge.yaml"), huge);
        Launcher.Result refused = region.cli().run("apply", "--mesh", MESH, "-f", file.toString());
        assertThat(refused.exit()).as(refused.err()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("huge.yaml").contains("3 MiB");

        // And by the server, for a client that does not look.
        StatusRuntimeException error = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> with(
                        region.admin(),
                        channel -> ResourceServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(SOON)
                                .applyResources(ApplyResourcesRequest.newBuilder()
                                        .setParent("meshes/" + MESH)
                                        .addManifests(Manifest.newBuilder()
                                                .setSource("huge.yaml")
                                                .setContent(ByteString.copyFromUtf8(huge)))
                                        .build())));
        assertThat(error).isNotNull();
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(error.getStatus().getDescription()).contains("3 MiB");
        assertThat(region.cli()
                        .run("get", "serviceentries", "--mesh", MESH, "-o", "name")
                        .expect(0)
                        .out())
                .doesNotContain("huge");
    }

    @Test
    void sigtermEndsABusyRegionCleanlyAndItsDataIsFoundAgain() throws Exception {
        Path data = folder.resolve("ended");
        Map<String, Position> acknowledged;
        ServerProcess first = ServerProcess.startDev(data);
        try (AdminApi api = new AdminApi(first.admin());
                Writers writers = new Writers("busy")) {
            api.createMesh("busy", "", 0);
            writers.with("a", api).with("b", api);
            writers.await(100, SOON);
            long start = System.nanoTime();
            assertThat(first.terminate()).isIn(0, 143);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
            acknowledged = writers.stop();
            assertThat(first.log()).doesNotContain("outcome=failed").doesNotContain("Exception");
        }
        try (ServerProcess second = ServerProcess.startDev(data);
                AdminApi api = new AdminApi(second.admin())) {
            LogCheck.verified("after the restart", api.log("busy")).holds(acknowledged);
        }
    }

    private interface Call<T> {
        T on(ManagedChannel channel);
    }

    private static <T> T with(String address, Call<T> call) {
        int colon = address.lastIndexOf(':');
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))
                .usePlaintext()
                .disableRetry()
                .build();
        try {
            return call.on(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    /** How a call with these bytes as its only message ends. */
    private static Status.Code codeOf(String address, String method, byte[] message) {
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(BYTES)
                .setResponseMarshaller(BYTES)
                .build();
        return with(address, channel -> {
            CompletableFuture<Status> ended = new CompletableFuture<>();
            StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                    channel.newCall(descriptor, CallOptions.DEFAULT.withDeadlineAfter(SOON)), new StreamObserver<>() {
                        @Override
                        public void onNext(byte[] answer) {
                            // Whatever it says first; what counts is how it ends.
                        }

                        @Override
                        public void onError(Throwable error) {
                            ended.complete(Status.fromThrowable(error));
                        }

                        @Override
                        public void onCompleted() {
                            ended.complete(Status.OK);
                        }
                    });
            requests.onNext(message);
            requests.onCompleted();
            try {
                return ended.get(SOON.toSeconds() + 5, TimeUnit.SECONDS).getCode();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError(address + " " + method + " did not end", e);
            }
        });
    }

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /** Sends, and reads what comes until it hangs up or says nothing for a moment. */
    private static void send(String address, byte[] bytes) throws IOException {
        try (Socket socket = Connections.connect(address)) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.setSoTimeout(20);
            socket.shutdownOutput();
            socket.getInputStream().readNBytes(1000);
        } catch (SocketException | SocketTimeoutException e) {
            // It may hang up while we talk, or wait for more.
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
