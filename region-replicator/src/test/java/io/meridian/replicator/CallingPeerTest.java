package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.replication.v1.RegionPeerGrpc.RegionPeerStub;
import io.meridian.api.replication.v1.WatchHeadsRequest;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.api.replication.v1.WatchInventoryRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import io.meridian.replicator.fixture.Workloads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A region whose attempts to reach a peer have failed, and which that peer calls. Left alone it would wait longer than any test. */
@Timeout(60)
final class CallingPeerTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final String CLUSTER = "k8s-1";
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(20);

    private final MemoryRegion eu = new MemoryRegion("eu-1", 1);
    private final MemoryRegion us = new MemoryRegion("us-1", 2);
    private final Chain chain = new Chain(BOOKINFO).add(Epoch.NONE.next(1), 5);
    private @Nullable Server server;
    private @Nullable ManagedChannel channel;

    @AfterEach
    void stop() {
        us.close();
        eu.close();
        if (channel != null) {
            channel.shutdownNow();
        }
        if (server != null) {
            server.shutdownNow();
        }
    }

    /** In the place of eu-1. Heads are refused until they are granted. */
    private static final class StandIn extends RegionPeerGrpc.RegionPeerImplBase {
        private final AtomicInteger attempts = new AtomicInteger();
        private volatile boolean granting;

        @Override
        public void watchHeads(WatchHeadsRequest request, StreamObserver<WatchHeadsResponse> responses) {
            attempts.incrementAndGet();
            if (granting) {
                responses.onNext(WatchHeadsResponse.newBuilder()
                        .setRegion("eu-1")
                        .setRegionIndex(1)
                        .setStream(request.getStream())
                        .setNumber(1)
                        .setFull(true)
                        .build());
            } else {
                responses.onError(Status.UNAVAILABLE.asRuntimeException());
            }
        }
    }

    private StandIn startInPlaceOfEu() throws IOException {
        StandIn standIn = new StandIn();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(eu.address()).addService(standIn);
        Replicator.permit(builder);
        server = builder.build().start();
        us.start(eu);
        channel = NettyChannelBuilder.forAddress(us.address()).usePlaintext().build();
        Await.until("us-1 has tried", () -> standIn.attempts.get() == 1);
        return standIn;
    }

    private ManagedChannel toUs() {
        if (channel == null) {
            throw new IllegalStateException("us-1 was not started");
        }
        return channel;
    }

    @Test
    void aRegionThatReturnsIsListenedToAndFollowedAtOnce() {
        us.waitsBetweenAttempts(NEVER, SOON);
        eu.logs().write(BOOKINFO, chain.events());
        eu.start(us);
        us.start(eu);
        awaitSameLog();
        eu.stop();
        // The streams of heads and inventory were opened before this one, and end with it: they are of one connection.
        Await.until("us-1 waits before it tries again", () -> us.state(BOOKINFO) == MeshReplication.State.CONNECTING);
        long before = chain.size();
        chain.add(Epoch.NONE.next(1), 5);
        eu.logs().write(BOOKINFO, chain.read(before, 5));
        eu.inventories()
                .report(BOOKINFO, CLUSTER, List.of(Workloads.workload(1)), false)
                .toCompletableFuture()
                .join();

        eu.start(us);

        Await.until(
                "the region is heard",
                () -> us.peer(eu)
                        .lastKnownHead(BOOKINFO)
                        .filter(chain.head()::equals)
                        .isPresent());
        awaitSameLog();
        Await.until(
                "its inventory comes",
                () -> us.inventories().records(BOOKINFO, CLUSTER).size() == 1);
    }

    /** The first attempt after a connection that was refused: the channel takes no calls until it has another. */
    @Test
    void aRegionThatWasNotThereYetIsReachedAtOnceWhenItComes() throws Exception {
        us.waitsBetweenAttempts(NEVER, SOON);
        us.start(eu);
        // It goes the way that the attempt went before it.
        assertThat(us.peer(eu).proxies(Optional.empty(), TIMEOUT))
                .failsWithin(TIMEOUT)
                .withThrowableThat()
                .withMessageContaining("UNAVAILABLE");

        eu.start(us);

        Await.until("the region is heard", () -> us.peer(eu).reachable());
    }

    private void awaitSameLog() {
        Await.until(
                "us-1 holds all",
                () -> us.logs().head(BOOKINFO).equals(chain.head())
                        && us.state(BOOKINFO) == MeshReplication.State.FOLLOWING,
                () -> us.replication(BOOKINFO));
    }

    /** What a peer may call by. */
    enum Opening {
        HEADS,
        INVENTORY,
        LOG
    }

    private void open(Opening opening, String region) {
        RegionPeerStub stub = RegionPeerGrpc.newStub(toUs());
        switch (opening) {
            case HEADS ->
                stub.watchHeads(
                        WatchHeadsRequest.newBuilder().setFromRegion(region).build(), new Ignoring<>());
            case INVENTORY ->
                stub.watchInventory(
                        WatchInventoryRequest.newBuilder().setFromRegion(region).build(), new Ignoring<>());
            case LOG ->
                stub.follow(new Ignoring<FollowResponse>())
                        .onNext(FollowRequest.newBuilder()
                                .setOpen(FollowRequest.Open.newBuilder()
                                        .setMesh("bookinfo")
                                        .setReplicaRegion(region)
                                        .setCredits(1))
                                .build());
        }
    }

    private static final class Ignoring<T> implements StreamObserver<T> {
        @Override
        public void onNext(T message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    @ParameterizedTest
    @EnumSource(Opening.class)
    void eachKindOfStreamSaysThatItsRegionIsUp(Opening opening) throws Exception {
        us.waitsBetweenAttempts(NEVER, SOON);
        StandIn standIn = startInPlaceOfEu();
        standIn.granting = true;

        // A stream that is opened before us-1 knows that its attempt failed changes nothing.
        Await.until("us-1 hears it", () -> {
            open(opening, "eu-1");
            return us.peer(eu).reachable();
        });

        assertThat(standIn.attempts.get())
                .as("one more, and none while it is open")
                .isEqualTo(2);
    }

    /** As when it reaches us and we do not reach it. */
    @Test
    void aPeerThatCallsAgainAndAgainIsNotTriedAsOften() throws Exception {
        Duration pause = Duration.ofMillis(200);
        int attempts = 5;
        us.waitsBetweenAttempts(NEVER, pause);
        long began = System.nanoTime();
        StandIn standIn = startInPlaceOfEu();

        AtomicInteger calls = new AtomicInteger();
        Await.until("it is tried again", () -> {
            watchFrom("eu-1");
            calls.incrementAndGet();
            return standIn.attempts.get() >= attempts;
        });

        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isGreaterThanOrEqualTo(pause.multipliedBy(attempts - 1));
        assertThat(calls.get()).as("most calls changed nothing").isGreaterThan(attempts);
    }

    @Test
    void whoeverIsNoPeerIsServedAndNobodyIsTriedForIt() throws Exception {
        us.waitsBetweenAttempts(NEVER, SOON);
        StandIn standIn = startInPlaceOfEu();
        for (int i = 0; i < 20; i++) {
            watchFrom("mars");
            watchFrom("us-1");
            watchFrom("");
        }

        standIn.granting = true;
        Await.until("us-1 hears its peer", () -> {
            watchFrom("eu-1");
            return us.peer(eu).reachable();
        });

        assertThat(standIn.attempts.get()).isEqualTo(2);
    }

    /** Opens a stream, waits for the first word on it, and ends it. */
    private void watchFrom(String region) {
        try (Context.CancellableContext stream = Context.current().withCancellation()) {
            stream.run(() -> assertThat(RegionPeerGrpc.newBlockingStub(toUs())
                            .watchHeads(WatchHeadsRequest.newBuilder()
                                    .setFromRegion(region)
                                    .build())
                            .next()
                            .getRegion())
                    .isEqualTo("us-1"));
        }
    }
}
