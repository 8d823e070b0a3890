package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.EventBatch;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.gateway.fixture.Await;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.image.MeshImage;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCopyTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    private final ScheduledExecutorService io = Executors.newSingleThreadScheduledExecutor();
    private final MeshFixture fixture = MeshFixture.mesh("bookinfo").withCluster("k8s-1");
    private final MeshFold fold = new MeshFold(MESH);
    private int fed;

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        io.shutdownNow();
    }

    @Test
    void whatWasWrittenIsReadBack() throws Exception {
        LocalCopy copy = copy(Duration.ofHours(1));
        feed(copy, inventory("reviews"));
        feed(copy, news());
        copy.close();

        assertThat(load()).contains(fold.image());
    }

    @Test
    void aTailIsWrittenBehindTheSnapshot() throws Exception {
        LocalCopy copy = copy(Duration.ofMillis(1));
        feed(copy, news());
        Await.until(() -> Files.exists(snapshot()), directory::toString);
        long written = Files.size(snapshot());
        fixture.withNamespace("later");
        feed(copy, news());
        feed(copy, inventory("ratings"));
        Await.until(() -> load().equals(Optional.of(fold.image())), this::load);

        assertThat(Files.size(snapshot())).isEqualTo(written);
        assertThat(tail()).exists();
    }

    @Test
    void aTornTailIsUsedAsFarAsItIsWhole() throws Exception {
        LocalCopy copy = copy(Duration.ofMillis(1));
        feed(copy, news());
        Await.until(() -> Files.exists(snapshot()), directory::toString);
        fixture.withNamespace("kept");
        feed(copy, news());
        MeshImage kept = fold.image();
        Await.until(() -> load().equals(Optional.of(kept)), this::load);
        fixture.withNamespace("torn");
        feed(copy, news());
        Await.until(() -> load().equals(Optional.of(fold.image())), this::load);
        try (RandomAccessFile file = new RandomAccessFile(tail().toFile(), "rw")) {
            file.setLength(file.length() - 5);
        }

        assertThat(load()).contains(kept);
    }

    @Test
    void aCorruptSnapshotIsIgnoredAndDeleted() throws Exception {
        LocalCopy copy = copy(Duration.ofHours(1));
        feed(copy, news());
        copy.close();
        byte[] bytes = Files.readAllBytes(snapshot());
        bytes[bytes.length / 2] ^= 1;
        Files.write(snapshot(), bytes);

        assertThat(load()).isEmpty();

        assertThat(snapshot()).doesNotExist();
    }

    @Test
    void anEmptyOrStrangeFileIsNoCopy() throws Exception {
        Files.write(snapshot(), new byte[0]);
        assertThat(load()).isEmpty();
        Files.writeString(snapshot(), "not a snapshot at all");
        assertThat(load()).isEmpty();
        assertThat(snapshot()).doesNotExist();
    }

    @Test
    void aCopyThatWasLoadedIsContinued() throws Exception {
        LocalCopy first = copy(Duration.ofHours(1));
        feed(first, news());
        first.close();
        LocalCopy second = copy(Duration.ofHours(1));
        assertThat(second.load()).isPresent();
        fixture.withNamespace("later");
        feed(second, news());
        second.close();

        assertThat(load()).contains(fold.image());
    }

    @Test
    void whatIsKeptIsThereAtOnce() throws Exception {
        LocalCopy first = copy(Duration.ofHours(1));
        feed(first, news());
        first.close();
        LocalCopy killed = copy(Duration.ofHours(1));
        assertThat(killed.load()).isPresent();
        fixture.withNamespace("kept");
        feed(killed, news());
        killed.keep();
        assertThat(load()).contains(fold.image());

        fixture.withNamespace("kept-too");
        feed(killed, news());
        killed.keep();
        assertThat(load()).contains(fold.image());
    }

    @Test
    void whatIsKeptWhileAllIsWrittenAnewIsInTheNewCopyToo() throws Exception {
        LocalCopy copy = copy(Duration.ofMillis(1));
        feed(copy, news());
        for (int i = 0; i < 200; i++) {
            fixture.withNamespace("n" + i);
            feed(copy, news());
            if (i % 3 == 0) {
                // Everything is written anew.
                copy.changed(FeedMessage.getDefaultInstance(), fold.image());
            }
            copy.keep();
        }
        // Nobody reads a copy that is being written.
        io.shutdown();
        assertThat(io.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

        assertThat(load()).contains(fold.image());
    }

    @Test
    void whatIsKeptBehindATornTailIsRead() throws Exception {
        LocalCopy first = copy(Duration.ofHours(1));
        feed(first, news());
        first.close();
        LocalCopy second = copy(Duration.ofHours(1));
        assertThat(second.load()).isPresent();
        feed(second, inventory("reviews"));
        second.keep();
        MeshImage whole = fold.image();
        fixture.withNamespace("torn");
        FeedMessage torn = news();
        feed(second, torn);
        second.keep();
        try (RandomAccessFile file = new RandomAccessFile(tail().toFile(), "rw")) {
            file.setLength(file.length() - 5);
        }

        LocalCopy third = copy(Duration.ofHours(1));
        assertThat(third.load().map(MeshFold::image)).contains(whole);
        third.changed(torn, fold.image());
        third.keep();

        assertThat(load()).contains(fold.image());
    }

    private LocalCopy copy(Duration interval) {
        return new LocalCopy(directory, MESH, io, interval);
    }

    private Optional<MeshImage> load() {
        return copy(Duration.ofHours(1)).load().map(MeshFold::image);
    }

    private void feed(LocalCopy copy, FeedMessage message) throws BrokenFeedException {
        assertThat(fold.take(message).unreadable()).isNull();
        copy.changed(message, fold.image());
    }

    /** The events since the last call. */
    private FeedMessage news() {
        List<EventEnvelope> log = fixture.log();
        EventBatch.Builder batch = EventBatch.newBuilder();
        log.subList(fed, log.size()).forEach(envelope -> batch.addEnvelopes(envelope.toProto()));
        fed = log.size();
        return FeedMessage.newBuilder().setEvents(batch).build();
    }

    private static FeedMessage inventory(String service) {
        return FeedMessage.newBuilder()
                .setInventory(InventoryUpdate.newBuilder()
                        .setCluster("k8s-1")
                        .addRecords(InventoryRecord.newBuilder()
                                .setKey(InventoryKey.newBuilder()
                                        .setKind(InventoryKey.Kind.SERVICE)
                                        .setNamespace("default")
                                        .setName(service))
                                .setObject(InventoryObject.newBuilder()
                                        .setService(
                                                InventoryService.newBuilder().setName(service)))))
                .build();
    }

    private Path snapshot() {
        return directory.resolve("snapshot");
    }

    private Path tail() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("tail-"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
