package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.api.replication.v1.Head;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.replication.v1.WatchHeadsRequest;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that come twice, late, or out of another stream, which no transport should let happen. */
@Timeout(60)
final class StrayWordsTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final MeshId SHOP = new MeshId("shop");
    private static final long SOON_SECONDS = 20;

    private final MemoryRegion eu = new MemoryRegion("eu-1", 1);
    private final MemoryRegion us = new MemoryRegion("us-1", 2);
    private final Epoch epochOfEu = Epoch.NONE.next(1);
    private final Chain chain = new Chain(BOOKINFO);
    private final Chain shop = new Chain(SHOP);
    private @Nullable Server server;

    StrayWordsTest() {
        chain.add(epochOfEu, 9);
        shop.add(epochOfEu, 1);
    }

    @AfterEach
    void stop() {
        us.close();
        eu.close();
        if (server != null) {
            server.shutdownNow();
        }
    }

    /** What a test says in the place of eu-1. */
    private static final class Told extends RegionPeerGrpc.RegionPeerImplBase {
        private record Watching(long stream, StreamObserver<WatchHeadsResponse> responses) {}

        private record Following(long stream, StreamObserver<FollowResponse> responses) {}

        private final BlockingQueue<Watching> watching = new LinkedBlockingQueue<>();
        private final BlockingQueue<Following> following = new LinkedBlockingQueue<>();

        @Override
        public void watchHeads(WatchHeadsRequest request, StreamObserver<WatchHeadsResponse> responses) {
            watching.add(new Watching(request.getStream(), responses));
        }

        @Override
        public StreamObserver<FollowRequest> follow(StreamObserver<FollowResponse> responses) {
            return new StreamObserver<>() {
                @Override
                public void onNext(FollowRequest request) {
                    if (request.hasOpen()) {
                        following.add(new Following(request.getStream(), responses));
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
            };
        }
    }

    private Told startInPlaceOfEu() throws IOException {
        Told told = new Told();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(eu.address()).addService(told);
        Replicator.permit(builder);
        server = builder.build().start();
        us.start(eu);
        return told;
    }

    private static <T> T next(BlockingQueue<T> calls) throws InterruptedException {
        T call = calls.poll(SOON_SECONDS, TimeUnit.SECONDS);
        assertThat(call).as("the call comes").isNotNull();
        return call;
    }

    private static Head head(io.meridian.model.log.Head head) {
        return Head.newBuilder()
                .setPosition(head.position().toProto())
                .setHash(head.hash().bytes())
                .build();
    }

    private io.meridian.model.log.Head at(int seq) {
        return chain.read(seq - 1, 1).getFirst().head();
    }

    private static WatchHeadsResponse word(long stream, long number, io.meridian.model.log.Head head) {
        return WatchHeadsResponse.newBuilder()
                .setRegion("eu-1")
                .setRegionIndex(1)
                .setStream(stream)
                .setNumber(number)
                .setFull(number == 1)
                .addHeads(head(head))
                .build();
    }

    private void awaitHead(MeshId mesh, io.meridian.model.log.Head head) {
        Await.until(
                "us-1 knows " + head.position(),
                () -> us.peer(eu).lastKnownHead(mesh).equals(Optional.of(head)),
                () -> us.peer(eu).lastKnownHead(mesh));
    }

    @Test
    void aHeadThatIsToldAgainOrOutOfAnotherStreamIsNotBelieved() throws Exception {
        var watching = next(startInPlaceOfEu().watching);
        watching.responses().onNext(word(watching.stream(), 1, at(4)));
        watching.responses().onNext(word(watching.stream(), 2, at(5)));
        awaitHead(BOOKINFO, at(5));

        watching.responses().onNext(word(watching.stream(), 1, at(4)));
        watching.responses().onNext(word(watching.stream() + 1, 3, at(3)));
        watching.responses().onNext(word(watching.stream(), 3, shop.head()));

        awaitHead(SHOP, shop.head());
        assertThat(us.peer(eu).lastKnownHead(BOOKINFO)).contains(at(5));
    }

    @Test
    void aHeadThatOvertookAnotherHasAllOfThemToldAnew() throws Exception {
        Told told = startInPlaceOfEu();
        var watching = next(told.watching);
        watching.responses().onNext(word(watching.stream(), 1, at(4)));
        watching.responses().onNext(word(watching.stream(), 3, shop.head()));

        var again = next(told.watching);
        assertThat(again.stream()).isNotEqualTo(watching.stream());
        again.responses().onNext(word(again.stream(), 1, at(6)));
        awaitHead(BOOKINFO, at(6));
    }

    @Test
    void headsOfARegionThatDoesNotNumberThemAreTakenAsTheyCome() throws Exception {
        var watching = next(startInPlaceOfEu().watching);
        watching.responses().onNext(word(0, 0, at(5)));
        awaitHead(BOOKINFO, at(5));
        watching.responses().onNext(word(0, 0, at(6)));
        awaitHead(BOOKINFO, at(6));
    }

    private FollowResponse diverged(long stream) {
        return FollowResponse.newBuilder()
                .setStream(stream)
                .setDiverged(FollowResponse.Diverged.newBuilder()
                        .setHomeAtSeq(head(chain.head()))
                        .setMessage("as another stream found"))
                .build();
    }

    private FollowResponse events(long stream) {
        FollowResponse.Events.Builder events =
                FollowResponse.Events.newBuilder().setHomeHead(head(chain.head()));
        chain.events().forEach(event -> events.addEnvelopes(event.toProto()));
        return FollowResponse.newBuilder().setStream(stream).setEvents(events).build();
    }

    @Test
    void aReplicaIgnoresWhatAnotherStreamWasToldAndStopsForWhatItsOwnIs() throws Exception {
        Told told = startInPlaceOfEu();
        var watching = next(told.watching);
        watching.responses().onNext(word(watching.stream(), 1, chain.head()));
        var following = next(told.following);
        assertThat(following.stream()).isPositive();

        for (int i = 0; i < 20; i++) {
            following.responses().onNext(diverged(following.stream() + 1));
        }
        following.responses().onNext(events(following.stream()));

        Await.until("the events are taken", () -> us.logs().head(BOOKINFO).equals(chain.head()));
        following.responses().onNext(diverged(following.stream()));
        Await.until("it stops", () -> us.state(BOOKINFO) == MeshReplication.State.STOPPED, () -> us.state(BOOKINFO));
    }

    private static FollowRequest open(long stream) {
        return FollowRequest.newBuilder()
                .setStream(stream)
                .setOpen(FollowRequest.Open.newBuilder()
                        .setMesh("bookinfo")
                        .setReplicaRegion("us-1")
                        .setCredits(100))
                .build();
    }

    private static FollowRequest acknowledgement(long stream, io.meridian.model.log.Head head) {
        return FollowRequest.newBuilder()
                .setStream(stream)
                .setAck(FollowRequest.Ack.newBuilder().setHead(head(head)).setCredits(100))
                .build();
    }

    @Test
    void aHomeCountsNoAcknowledgementOfAnotherStream() throws Exception {
        eu.logs().write(BOOKINFO, chain.events());
        eu.start(us);
        BlockingQueue<FollowResponse> responses = new LinkedBlockingQueue<>();
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(eu.address()).usePlaintext().build();
        try {
            StreamObserver<FollowRequest> requests = RegionPeerGrpc.newStub(channel)
                    .follow(new StreamObserver<>() {
                        @Override
                        public void onNext(FollowResponse response) {
                            responses.add(response);
                        }

                        @Override
                        public void onError(Throwable failure) {}

                        @Override
                        public void onCompleted() {}
                    });
            requests.onNext(open(7));
            int received = 0;
            while (received < chain.size()) {
                FollowResponse response = next(responses);
                assertThat(response.getStream()).isEqualTo(7);
                received += response.getEvents().getEnvelopesCount();
            }
            List<EventEnvelope> events = chain.events();
            requests.onNext(acknowledgement(8, chain.head()));
            requests.onNext(open(8));
            requests.onNext(acknowledgement(7, events.get(2).head()));
            Await.until("it counts", () -> eu.logs().acknowledgedBy("us-1", BOOKINFO) != null);
            assertThat(eu.logs().acknowledgedBy("us-1", BOOKINFO))
                    .isEqualTo(events.get(2).head());
        } finally {
            channel.shutdownNow();
        }
    }
}
