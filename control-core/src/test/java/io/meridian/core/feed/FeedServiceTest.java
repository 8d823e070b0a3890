package io.meridian.core.feed;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.api.feed.v1.SubscribeRequest;
import io.meridian.api.feed.v1.WatchMeshesRequest;
import io.meridian.api.feed.v1.WatchMeshesResponse;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.MeshStates;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.core.fixture.Waiting;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FeedServiceTest {
    private final InMemoryRegion region = InMemoryRegion.alone();
    /** Counted down once somebody waits for a position that is not there. */
    private final CountDownLatch waiting = new CountDownLatch(1);

    private final RegionServer server = RegionServer.of(region, service(Duration.ofMillis(20)));

    private FeedService service(Duration patience) {
        return new FeedService(
                new TellsOfWaiting(region.meshes(), waiting),
                region.meshes(),
                region.inventories(),
                region.proxies(),
                Duration.ofMillis(20),
                patience);
    }

    private record TellsOfWaiting(MeshStates states, CountDownLatch waiting) implements MeshStates {
        @Override
        public CompletionStage<Read> latest(MeshId mesh, Optional<Position> min, Duration timeout) {
            CompletionStage<Read> read = states.latest(mesh, min, timeout);
            if (min.isPresent()) {
                waiting.countDown();
            }
            return read;
        }

        @Override
        public CompletionStage<Read> at(MeshId mesh, long seq, Duration timeout) {
            return states.at(mesh, seq, timeout);
        }

        @Override
        public CompletionStage<Long> seqAt(MeshId mesh, Instant time, Duration timeout) {
            return states.seqAt(mesh, time, timeout);
        }
    }

    @BeforeEach
    void create() {
        Bookinfo.create(server);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private FeedReader subscribe() {
        return FeedReader.of(server, request().build());
    }

    private static SubscribeRequest.Builder request() {
        return SubscribeRequest.newBuilder().setMesh("bookinfo").setGateway("gateway-1");
    }

    private SubscribeRequest holding(EventEnvelope event) {
        return request()
                .setHeld(event.position().toProto())
                .setHeldHash(event.hash().bytes())
                .build();
    }

    private MeshState state() {
        return region.meshes().state(Bookinfo.ID);
    }

    private List<EventEnvelope> log() {
        return region.meshes().events(Bookinfo.ID);
    }

    private static List<FeedMessage.MessageCase> kinds(List<FeedMessage> messages) {
        return messages.stream().map(FeedMessage::getMessageCase).toList();
    }

    @Test
    void aNewSubscriberGetsASnapshotTheInventoryAndThenProgress() {
        Bookinfo.register(server, "reviews");

        try (FeedReader reader = subscribe()) {
            List<FeedMessage> messages = reader.untilProgress();

            assertThat(kinds(messages))
                    .containsExactly(
                            FeedMessage.MessageCase.SNAPSHOT,
                            FeedMessage.MessageCase.INVENTORY,
                            FeedMessage.MessageCase.PROGRESS);
            assertThat(reader.state()).isEqualTo(state());
            InventoryUpdate inventory = messages.get(1).getInventory();
            assertThat(inventory.getCluster()).isEqualTo("k8s-1");
            assertThat(inventory.getFull()).isTrue();
            assertThat(inventory.getRecords(0).getObject()).isEqualTo(Bookinfo.service("reviews"));
            assertThat(messages.getLast().getProgress().getHead())
                    .isEqualTo(state().head().position().toProto());
        }
    }

    @Test
    void everyEventFollowsInOrder() {
        try (FeedReader reader = subscribe()) {
            var _ = reader.untilProgress();
            IntStream.range(0, 20).forEach(i -> apply(server, virtualService("a", "host-" + i)));

            Waiting.until("everything is read", () -> {
                var _ = reader.next();
                return state().equals(reader.state());
            });
        }
    }

    @Test
    void aSubscriberThatHoldsAPositionGetsOnlyWhatFollows() {
        EventEnvelope held = log().getLast();
        var _ = apply(server, virtualService("a", "a"));

        try (FeedReader reader = FeedReader.of(server, holding(held))) {
            List<FeedMessage> messages = reader.untilProgress();

            assertThat(kinds(messages)).doesNotContain(FeedMessage.MessageCase.SNAPSHOT);
            assertThat(messages.stream().flatMap(message -> message.getEvents().getEnvelopesList().stream()))
                    .containsExactly(log().getLast().toProto());
        }
    }

    @Test
    void aSubscriberThatHoldsTheHeadGetsNoEvents() {
        try (FeedReader reader = FeedReader.of(server, holding(log().getLast()))) {
            assertThat(kinds(reader.untilProgress()))
                    .containsExactly(FeedMessage.MessageCase.INVENTORY, FeedMessage.MessageCase.PROGRESS);
        }
    }

    @Test
    void whatIsHeldOfAnotherBranchIsReplacedByASnapshot() {
        SubscribeRequest real = holding(log().getLast());
        List<SubscribeRequest> others = List.of(
                real.toBuilder().setHeldHash(ByteString.copyFrom(new byte[32])).build(),
                real.toBuilder()
                        .setHeld(real.getHeld().toBuilder()
                                .setEpoch(real.getHeld().getEpoch() + 64))
                        .build(),
                real.toBuilder()
                        .setHeld(
                                real.getHeld().toBuilder().setSeq(real.getHeld().getSeq() + 100))
                        .build(),
                real.toBuilder().setHeld(real.getHeld().toBuilder().setSeq(-1)).build(),
                real.toBuilder().clearHeldHash().build());

        for (SubscribeRequest other : others) {
            try (FeedReader reader = FeedReader.of(server, other)) {
                assertThat(reader.next().hasSnapshot()).isTrue();
            }
        }
    }

    @Test
    void whoHoldsMoreThanTheRegionHearsNothingUntilItHasAsMuch() throws Exception {
        EventEnvelope last = log().getLast();
        SubscribeRequest ahead = holding(last).toBuilder()
                .setHeld(last.position().toProto().toBuilder().setSeq(last.seq() + 1))
                .build();

        try (RegionServer patient = RegionServer.of(region, service(Duration.ofSeconds(30)));
                FeedReader reader = FeedReader.of(patient, ahead)) {
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
            var _ = apply(server, virtualService("a", "a"));

            assertThat(reader.next().hasSnapshot()).isTrue();
            assertThat(reader.state()).isEqualTo(state());
        }
    }

    @Test
    void aBranchThatIsAbandonedUnderASubscriberIsReplacedByASnapshot() {
        try (FeedReader reader = subscribe()) {
            var _ = reader.untilProgress();
            region.meshes().fork(Bookinfo.ID, log().size() - 1, region.id());

            FeedMessage next = reader.next();
            while (next.hasProgress()) {
                next = reader.next();
            }

            assertThat(next.hasSnapshot()).isTrue();
            assertThat(reader.state()).isEqualTo(state());
            var _ = apply(server, virtualService("a", "a"));
            Waiting.until("the new branch is followed", () -> {
                var _ = reader.next();
                return state().equals(reader.state());
            });
        }
    }

    @Test
    void inventoryFollowsAsChanges() {
        try (FeedReader reader = subscribe()) {
            var _ = reader.untilProgress();
            Bookinfo.register(server, "reviews");

            FeedMessage next = reader.next();
            while (next.hasProgress()) {
                next = reader.next();
            }

            assertThat(next.getInventory().getFull()).isFalse();
            assertThat(next.getInventory().getRecordsList())
                    .extracting(record -> record.getObject().getService().getName())
                    .containsExactly("reviews");
        }
    }

    @Test
    void aClusterWithoutInventoryIsToldToBeEmpty() {
        try (FeedReader reader = subscribe()) {
            InventoryUpdate update = reader.untilProgress().get(1).getInventory();

            assertThat(update.getCluster()).isEqualTo("k8s-1");
            assertThat(update.getFull()).isTrue();
            assertThat(update.getRecordsList()).isEmpty();
        }
    }

    @Test
    void anIdleSubscriberHearsProgressAgainAndAgain() {
        try (FeedReader reader = subscribe()) {
            var _ = reader.untilProgress();

            assertThat(reader.next().hasProgress()).isTrue();
            assertThat(reader.next().hasProgress()).isTrue();
        }
    }

    @Test
    void aSlowReaderCostsOneReadAndTheNewestInventory() {
        try (FeedReader slow = subscribe();
                FeedReader quick = subscribe()) {
            var _ = quick.untilProgress();
            int reads = region.meshes().reads();
            IntStream.range(0, 600).forEach(i -> apply(server, virtualService("a", "host-" + i)));
            IntStream.range(0, 200).forEach(this::report);
            Waiting.until("the quick reader has everything", () -> {
                var _ = quick.next();
                return state().equals(quick.state());
            });
            int readsOfTheQuickOne = region.meshes().reads() - reads;

            List<FeedMessage> messages = new ArrayList<>();
            Waiting.until("the slow reader has everything", () -> {
                messages.add(slow.next());
                return state().equals(slow.state());
            });
            messages.addAll(slow.untilProgress());

            List<InventoryRecord> records = messages.stream()
                    .flatMap(message -> message.getInventory().getRecordsList().stream())
                    .toList();
            assertThat(records).hasSizeLessThanOrEqualTo(2);
            assertThat(records.getLast().getObject().getService().getPorts(0).getPort())
                    .isEqualTo(1199);
            assertThat(region.meshes().reads() - reads - readsOfTheQuickOne)
                    .as("reads for the slow one come with its own asking: 600 events in batches of 256")
                    .isBetween(1, 4);
        }
    }

    private void report(int i) {
        var object = Bookinfo.service("reviews").toBuilder();
        object.getServiceBuilder().getPortsBuilder(0).setPort(1000 + i);
        var _ = server.inventory()
                .applyInventory(ApplyInventoryRequest.newBuilder()
                        .setParent(Bookinfo.CLUSTER)
                        .addUpserts(object)
                        .build());
    }

    @Test
    void anUnknownMeshEndsTheStream() {
        try (FeedReader reader =
                FeedReader.of(server, request().setMesh("absent").build())) {
            Failures failure = reader.failure();

            assertThat(failure.code()).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(failure.reason()).isEqualTo("MESH_NOT_FOUND");
        }
        try (FeedReader reader =
                FeedReader.of(server, request().setMesh("../..").build())) {
            assertThat(reader.failure().code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }

    @Test
    void aSubscriberThatGoesLeavesNothingBehind() {
        try (FeedReader reader = subscribe()) {
            var _ = reader.untilProgress();
            assertThat(region.meshes().watchers()).isEqualTo(1);
        }

        Waiting.until(
                "nothing is watched",
                () -> region.meshes().watchers() == 0 && region.inventories().watchers() == 0);
    }

    @Test
    void theListOfMeshesIsToldAtOnceAndAtEachChange() {
        Iterator<WatchMeshesResponse> watch =
                EventFeedGrpc.newBlockingStub(server.channel()).watchMeshes(WatchMeshesRequest.getDefaultInstance());
        List<List<String>> told = new ArrayList<>();
        told.add(watch.next().getMeshesList());
        var _ = server.meshes()
                .createMesh(CreateMeshRequest.newBuilder().setMeshId("another").build());
        told.add(watch.next().getMeshesList());

        assertThat(told).containsExactly(List.of("bookinfo"), List.of("another", "bookinfo"));
    }
}
