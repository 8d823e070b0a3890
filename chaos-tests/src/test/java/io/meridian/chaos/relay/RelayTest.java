package io.meridian.chaos.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.api.replication.v1.Head;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.type.v1.Position;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real server and a real client, with the relay between them. */
@Timeout(60)
final class RelayTest {
    private static final Metadata.Key<String> WORD = Metadata.Key.of("x-word", Metadata.ASCII_STRING_MARSHALLER);
    private static final long SOON_SECONDS = 20;
    private static final int MANY = 400;

    private final Peer peer = new Peer();
    private final Server server;
    private final Disorder disorder = new Disorder(Odds.NONE, 1);
    private final Relay relay;
    private final ManagedChannel channel;

    RelayTest() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(peer)
                .intercept(peer.new Ears())
                .build()
                .start();
        relay = new Relay(server.getPort(), disorder);
        channel = NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port()))
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow();
        relay.close();
        server.shutdownNow();
    }

    /** What is at the other side. */
    private static final class Peer extends RegionPeerGrpc.RegionPeerImplBase {
        private final BlockingQueue<FollowStream> streams = new LinkedBlockingQueue<>();
        private final BlockingQueue<PromiseRequest> promises = new LinkedBlockingQueue<>();
        private final List<Metadata> headers = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Duration> deadline = new CompletableFuture<>();

        /** Keeps what arrives beside messages. */
        private final class Ears implements ServerInterceptor {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata with, ServerCallHandler<Q, R> next) {
                headers.add(with);
                var until = Context.current().getDeadline();
                if (until != null) {
                    deadline.complete(Duration.ofNanos(until.timeRemaining(TimeUnit.NANOSECONDS)));
                }
                return next.startCall(call, with);
            }
        }

        @Override
        public void promise(PromiseRequest request, StreamObserver<PromiseResponse> responses) {
            promises.add(request);
            if (request.getEpoch() == 0) {
                Metadata trailers = new Metadata();
                trailers.put(WORD, "why");
                responses.onError(Status.INVALID_ARGUMENT
                        .withDescription("epoch: not above 0")
                        .asRuntimeException(trailers));
                return;
            }
            responses.onNext(PromiseResponse.newBuilder()
                    .setGranted(true)
                    .setPromisedEpoch(request.getEpoch())
                    .build());
            responses.onCompleted();
        }

        @Override
        public StreamObserver<FollowRequest> follow(StreamObserver<FollowResponse> responses) {
            FollowStream stream = new FollowStream((ServerCallStreamObserver<FollowResponse>) responses);
            streams.add(stream);
            return stream;
        }

        FollowStream next() throws InterruptedException {
            FollowStream stream = streams.poll(SOON_SECONDS, TimeUnit.SECONDS);
            assertThat(stream).as("the call arrives").isNotNull();
            return stream;
        }
    }

    private static final class FollowStream implements StreamObserver<FollowRequest> {
        private final ServerCallStreamObserver<FollowResponse> responses;
        private final BlockingQueue<FollowRequest> requests = new LinkedBlockingQueue<>();
        private final CompletableFuture<Boolean> halfClosed = new CompletableFuture<>();
        private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();

        FollowStream(ServerCallStreamObserver<FollowResponse> responses) {
            this.responses = responses;
            responses.setOnCancelHandler(() -> cancelled.complete(true));
        }

        @Override
        public void onNext(FollowRequest request) {
            requests.add(request);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
            halfClosed.complete(true);
        }
    }

    /** The caller's side of a stream. */
    private static final class Follower implements ClientResponseObserver<FollowRequest, FollowResponse> {
        private final List<Long> seqs = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final int first;
        private @Nullable ClientCallStreamObserver<FollowRequest> requests;

        /** {@code first}: how many messages it asks for; -1: all. */
        Follower(int first) {
            this.first = first;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FollowRequest> stream) {
            requests = stream;
            if (first >= 0) {
                stream.disableAutoRequestWithInitial(first);
            }
        }

        ClientCallStreamObserver<FollowRequest> requests() {
            if (requests == null) {
                throw new IllegalStateException("not started");
            }
            return requests;
        }

        @Override
        public void onNext(FollowResponse response) {
            seqs.add(response.getProgress().getHomeHead().getPosition().getSeq());
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        Status end() throws Exception {
            return end.get(SOON_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Follower follow(String mesh, int first) {
        Follower follower = new Follower(first);
        RegionPeerGrpc.newStub(channel).follow(follower);
        follower.requests()
                .onNext(FollowRequest.newBuilder()
                        .setOpen(FollowRequest.Open.newBuilder().setMesh(mesh))
                        .build());
        return follower;
    }

    private static Head head(long seq) {
        return Head.newBuilder().setPosition(Position.newBuilder().setSeq(seq)).build();
    }

    private static FollowResponse response(long seq) {
        return FollowResponse.newBuilder()
                .setProgress(FollowResponse.Progress.newBuilder().setHomeHead(head(seq)))
                .build();
    }

    private static FollowRequest ack(long seq) {
        return FollowRequest.newBuilder()
                .setAck(FollowRequest.Ack.newBuilder().setHead(head(seq)))
                .build();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    /** What a stream whose server sends these and ends brings to its caller. */
    private List<Long> carried(String mesh, long from, long to) throws Exception {
        Follower follower = follow(mesh, -1);
        FollowStream at = peer.next();
        for (long seq : numbers(from, to)) {
            at.responses.onNext(response(seq));
        }
        at.responses.onCompleted();
        assertThat(follower.end().isOk()).isTrue();
        return List.copyOf(follower.seqs);
    }

    @Test
    void withoutTheFaultMessagesPassBothWaysInOrderAndOnce() throws Exception {
        Follower follower = follow("a", -1);
        FollowStream at = peer.next();
        for (long seq : numbers(1, MANY)) {
            follower.requests().onNext(ack(seq));
            at.responses.onNext(response(seq));
        }
        follower.requests().onCompleted();
        at.halfClosed.get(SOON_SECONDS, TimeUnit.SECONDS);
        assertThat(at.requests.poll().getOpen().getMesh()).isEqualTo("a");
        assertThat(at.requests.stream()
                        .map(request -> request.getAck().getHead().getPosition().getSeq()))
                .isEqualTo(numbers(1, MANY));
        // Half-closed: the other way goes on.
        at.responses.onNext(response(MANY + 1));
        at.responses.onCompleted();
        assertThat(follower.end().isOk()).isTrue();
        assertThat(follower.seqs).isEqualTo(numbers(1, MANY + 1));
        assertThat(disorder.tally()).isEqualTo(new Tally(2 * MANY + 2, 0, 0, 0, 0, 0));
    }

    @Test
    void whatIsDoubledComesTwiceAndNothingIsLost() throws Exception {
        disorder.odds(new Odds(0.3, 0, 0, 0));
        List<Long> carried = carried("a", 1, MANY);
        assertThat(carried).containsAll(numbers(1, MANY));
        int more = carried.size() - MANY;
        assertThat(more).isBetween(MANY / 5, MANY / 2);
        // And the opening, perhaps.
        assertThat(disorder.tally().doubled()).isBetween((long) more, more + 1L);
    }

    @Test
    void whatIsHeldBackComesAfterUpToThreeLaterOnesAndOnce() throws Exception {
        disorder.odds(new Odds(0, 0.2, 0, 0));
        List<Long> carried = carried("a", 1, MANY);
        assertThat(carried).isNotEqualTo(numbers(1, MANY)).containsExactlyInAnyOrderElementsOf(numbers(1, MANY));
        List<Long> highest = new ArrayList<>(List.of(0L));
        long late = 0;
        for (long seq : carried) {
            if (seq < highest.getLast()) {
                late++;
            } else {
                highest.add(seq);
            }
        }
        assertThat(late).isPositive();
        assertThat(disorder.tally().overtaken()).isGreaterThanOrEqualTo(late);
    }

    @Test
    void aMessageThatNothingFollowsIsNotHeldForEver() throws Exception {
        disorder.odds(new Odds(0, 1, 0, 0));
        Follower follower = follow("a", -1);
        FollowStream at = peer.next();
        assertThat(at.requests.poll(SOON_SECONDS, TimeUnit.SECONDS)).isNotNull();
        at.responses.onNext(response(1));
        await(() -> follower.seqs.equals(List.of(1L)));
    }

    @Test
    void laterStreamsBringMessagesOfEarlierOnesOfTheSameMesh() throws Exception {
        assertThat(carried("a", 1, 30)).isEqualTo(numbers(1, 30));
        assertThat(carried("b", 1001, 1030)).isEqualTo(numbers(1001, 1030));
        disorder.odds(new Odds(0, 0, 0.3, 0));
        List<Long> carried = carried("a", 31, 90);
        assertThat(carried.stream().filter(seq -> seq > 30)).isEqualTo(numbers(31, 90));
        assertThat(carried.stream().filter(seq -> seq <= 30)).isNotEmpty();
        assertThat(carried).allMatch(seq -> seq <= 90);
        assertThat(disorder.tally().replayed()).isPositive();
    }

    @Test
    void aCallThatIsMadeTwiceIsAnsweredOnce() throws Exception {
        disorder.odds(new Odds(0, 0, 0, 1));
        PromiseRequest request =
                PromiseRequest.newBuilder().setMesh("a").setEpoch(65).build();
        assertThat(RegionPeerGrpc.newBlockingStub(channel).promise(request).getPromisedEpoch())
                .isEqualTo(65);
        for (int i = 0; i < 2; i++) {
            assertThat(peer.promises.poll(SOON_SECONDS, TimeUnit.SECONDS)).isEqualTo(request);
        }
        assertThat(disorder.tally()).isEqualTo(new Tally(0, 0, 0, 0, 1, 1));
    }

    @Test
    void headersDeadlinesStatusAndTrailersPass() {
        Metadata headers = new Metadata();
        headers.put(WORD, "hello");
        RegionPeerGrpc.RegionPeerBlockingStub stub = RegionPeerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        assertThatThrownBy(() -> stub.promise(PromiseRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
                    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(refused.getStatus().getDescription()).isEqualTo("epoch: not above 0");
                    assertThat(Status.trailersFromThrowable(refused))
                            .isNotNull()
                            .matches(with -> "why".equals(with.get(WORD)));
                });
        assertThat(peer.headers.getFirst().get(WORD)).isEqualTo("hello");
        assertThat(peer.deadline.join()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
    }

    @Test
    void cancellationReachesTheServer() throws Exception {
        Follower follower = follow("a", -1);
        FollowStream at = peer.next();
        follower.requests().cancel("enough", null);
        assertThat(at.cancelled.get(SOON_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aServersErrorEndsTheStreamWithItsStatus() throws Exception {
        Follower follower = follow("a", -1);
        peer.next()
                .responses
                .onError(Status.ABORTED.withDescription("the log went on").asRuntimeException());
        assertThat(follower.end().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(follower.end().getDescription()).isEqualTo("the log went on");
    }

    @Test
    void aCallerThatReadsNothingHoldsTheServerBack() throws Exception {
        Follower follower = follow("a", 0);
        FollowStream at = peer.next();
        FollowResponse large = FollowResponse.newBuilder()
                .setDiverged(FollowResponse.Diverged.newBuilder().setMessage("x".repeat(256 * 1024)))
                .build();
        // Windows and buffers on the way take some; without back-pressure it would be ready for ever.
        int most = 200;
        int taken = 0;
        while (taken < most && becomesReady(at)) {
            at.responses.onNext(large);
            taken++;
        }
        assertThat(taken).isLessThan(most);
        assertThat(follower.seqs).isEmpty();
        follower.requests().request(taken);
        int sent = taken;
        await(() -> follower.seqs.size() == sent);
        assertThat(becomesReady(at)).isTrue();
    }

    /** Waits a little: what fills a buffer may drain. */
    private static boolean becomesReady(FollowStream at) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
        while (!at.responses.isReady()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    @Test
    void anUnreachableTargetIsUnavailableAndServesAgainWhenItIsBack() throws Exception {
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        Follower follower = follow("a", -1);
        assertThat(follower.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        Server again = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(peer)
                .build()
                .start();
        try {
            // Calls are refused until the connection is there again; it takes nothing but calls.
            await(this::isAnswered);
            assertThat(carried("a", 1, 3)).isEqualTo(numbers(1, 3));
        } finally {
            again.shutdownNow();
        }
    }

    private boolean isAnswered() {
        try {
            return RegionPeerGrpc.newBlockingStub(channel)
                    .promise(PromiseRequest.newBuilder().setEpoch(65).build())
                    .getGranted();
        } catch (StatusRuntimeException refused) {
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            return false;
        }
    }

    @Test
    void methodsThatNobodyKnowsPassToo() throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<PromiseRequest, PromiseResponse> call = channel.newCall(
                RegionPeerGrpc.getPromiseMethod().toBuilder()
                        .setFullMethodName("some.Service/Method")
                        .build(),
                CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<PromiseResponse>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(PromiseRequest.getDefaultInstance());
        call.halfClose();
        Status status = end.get(SOON_SECONDS, TimeUnit.SECONDS);
        assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(status.getDescription()).contains("some.Service/Method");
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
