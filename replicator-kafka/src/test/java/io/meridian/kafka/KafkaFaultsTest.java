package io.meridian.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.MeshReplication;
import io.meridian.replicator.TopicStatus;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.core.Route;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of a topic and of the offsets in it, each replica holds what its home holds. */
@Timeout(120)
class KafkaFaultsTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final MeshId SHOP = new MeshId("shop");
    private static final Epoch EPOCH = Epoch.NONE.next(1);

    private final String prefix = KafkaRegions.newPrefix();
    private final String group = prefix + ".us-1";
    private final Chain chain = new Chain(BOOKINFO);
    private MemoryRegion eu;
    private MemoryRegion us;
    private TopicTool topic;

    @BeforeEach
    void make() {
        eu = new MemoryRegion("eu-1", 1, KafkaRegions.transports(prefix));
        us = new MemoryRegion("us-1", 2, KafkaRegions.transports(prefix));
        topic = new TopicTool(KafkaRegions.broker().address(), prefix + ".eu-1.events");
    }

    @AfterEach
    void end() {
        eu.close();
        us.close();
        topic.close();
    }

    @Test
    void eventsComeByTheTopicAndTheHomeKnowsWhatTheReplicaHolds() throws Exception {
        startAll();
        long before = records(us);
        write(100);
        awaitEqual();
        Await.until(
                "the home knows",
                () -> eu.logs().head(BOOKINFO).equals(eu.logs().acknowledgedBy("us-1", BOOKINFO)));
        assertThat(us.replication(BOOKINFO).orElseThrow().route()).isEqualTo(Route.TOPIC);
        assertThat(records(us) - before).isEqualTo(100);
        assertThat(topic.records()).as("each event once").isEqualTo(chain.size());
        Await.until("the offset is committed", () -> unchecked(() -> topic.committed(group)) == chain.size());
    }

    @Test
    void anOffsetIsCommittedAfterTheReplicasCommitAndNotBefore() throws Exception {
        startAll();
        Await.until("all so far is committed", () -> unchecked(() -> topic.committed(group)) == chain.size());
        long before = chain.size();
        // Longer than from one commit of offsets to the next.
        us.logs().slowDown(Duration.ofMillis(3500));
        write(10);
        Await.until("the replica holds the events", () -> {
            long committed = unchecked(() -> topic.committed(group));
            long durable = us.logs().head(BOOKINFO).position().seq();
            assertThat(committed).isLessThanOrEqualTo(durable);
            return durable == before + 10;
        });
        Await.until("then the offset is committed", () -> unchecked(() -> topic.committed(group)) == chain.size());
        assertThat(us.replication(BOOKINFO).orElseThrow().route()).isEqualTo(Route.TOPIC);
    }

    @Test
    void aReplicaThatWasDownGoesOnFromItsOffset() throws Exception {
        startAll();
        us.stop();
        write(3000);
        Await.until("all is published", () -> unchecked(topic::records) == chain.size());

        us.start(eu);
        long began = System.nanoTime();

        awaitEqual();
        System.out.println("catch-up of 3000 events by the topic took "
                + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms in "
                + us.logs().appends()
                + " appends");
        assertThat(us.replication(BOOKINFO).orElseThrow().route()).isEqualTo(Route.TOPIC);
        assertThat(records(us)).as("and not from the beginning").isEqualTo(3000);
    }

    @Test
    void garbageWrongHashesAndWhatIsOfSomebodyElseIsRefusedAndHoldsUpNothing() throws Exception {
        startAll();
        topic.put("bookinfo", "no envelope".getBytes(StandardCharsets.UTF_8));
        topic.put("bookinfo", null);
        topic.put(null, chain.events().getLast().toProto().toByteArray());
        topic.put(SHOP, chain.events().getLast());
        EventEnvelope next = Chain.upTo(chain, chain.size()).add(EPOCH, "forged", 10);
        topic.put(
                BOOKINFO,
                new EventEnvelope(
                        next.header(),
                        next.headerBytes(),
                        next.payload(),
                        chain.events().getFirst().hash()));
        Chain ofUs = Chain.upTo(chain, chain.size());
        topic.put(BOOKINFO, ofUs.open(EPOCH.next(2)));

        write(20);
        awaitEqual();
        awaitRoute(Route.TOPIC);
        assertThat(us.topics())
                .filteredOn(status -> status.region().name().equals("eu-1"))
                .extracting(TopicStatus::refused)
                .containsExactly(6L);
    }

    @Test
    void aRecordThatContradictsTheLogIsOutvotedByTheHome() throws Exception {
        startAll();
        Chain other = new Chain(BOOKINFO);
        for (int i = 0; i <= chain.size(); i++) {
            other.add(EPOCH, "another history", 10);
        }
        // The next seq, a sound hash, and it continues something else.
        topic.put(BOOKINFO, other.events().getLast());

        write(20);
        awaitEqual();
        byTopicAgain();
        assertThat(us.state(BOOKINFO)).isEqualTo(MeshReplication.State.FOLLOWING);
    }

    @Test
    void duplicatesAndWhatIsOutOfOrderChangeNothing() throws Exception {
        startAll();
        write(50);
        awaitEqual();
        List<EventEnvelope> shuffled = new ArrayList<>(chain.events());
        Collections.shuffle(shuffled, new Random(7));
        for (EventEnvelope event : shuffled) {
            topic.put(BOOKINFO, event);
        }
        // Ahead of what was published before it.
        List<EventEnvelope> next = more(5);
        topic.put(BOOKINFO, next.get(4));
        topic.put(BOOKINFO, next.get(2));
        topic.put(BOOKINFO, next.get(3));
        eu.logs().write(BOOKINFO, next);

        awaitEqual();
        write(3);
        awaitEqual();
        awaitRoute(Route.TOPIC);
    }

    @Test
    void anOffsetThatIsAheadBehindOrLostLosesNothing() throws Exception {
        startAll();
        for (OffsetSpec spec : List.of(OffsetSpec.latest(), OffsetSpec.earliest())) {
            us.stop();
            write(100);
            Await.until("all is published", () -> unchecked(topic::records) == chain.size());
            topic.commit(group, spec);
            us.start(eu);
            awaitEqual();
            byTopicAgain();
        }
        us.stop();
        write(100);
        topic.forget(group);
        us.start(eu);
        awaitEqual();
        byTopicAgain();
    }

    @Test
    void whatRetentionDeletedComesByTheStream() throws Exception {
        startAll();
        us.stop();
        write(100);
        Await.until("all is published", () -> unchecked(topic::records) == chain.size());
        topic.deleteAllRecords();
        write(10);
        us.start(eu);

        awaitEqual();
        byTopicAgain();
    }

    @Test
    void retentionThatOvertakesAReplicaThatReadsIsMadeUpFor() throws Exception {
        startAll();
        // The reader's position is behind what is deleted at some moment or other.
        for (int round = 0; round < 5; round++) {
            write(200);
            topic.deleteAllRecords();
        }
        awaitEqual();
        byTopicAgain();
    }

    @Test
    void aHomeThatRestartsGoesOnWhereItsTopicEnds() throws Exception {
        startAll();
        write(300);
        awaitEqual();
        eu.stop();
        // Durable, and not published.
        eu.logs().write(BOOKINFO, more(7));
        eu.start(us);

        awaitEqual();
        byTopicAgain();
        assertThat(topic.records()).as("each event once").isEqualTo(chain.size());
    }

    @Test
    void aMeshThatIsStoppedHoldsUpNoOtherAndNoOffset() throws Exception {
        Chain other = new Chain(BOOKINFO).add(EPOCH, 2);
        other.add(EPOCH, "another history", 20);
        us.logs().write(BOOKINFO, other.events());
        write(5);
        eu.start(us);
        us.start(eu);
        Await.until("both topics are there", () -> allUp(eu) && allUp(us));
        Await.until("bookinfo is stopped", () -> us.state(BOOKINFO) == MeshReplication.State.STOPPED);

        write(50);
        Chain shop = new Chain(SHOP).add(EPOCH, 50);
        eu.logs().write(SHOP, shop.events());

        Await.until("shop goes on", () -> us.logs().head(SHOP).equals(shop.head()));
        Await.until("and the offset", () -> unchecked(() -> topic.committed(group) - topic.records()) == 0);
        assertThat(us.logs().events(BOOKINFO)).isEqualTo(other.events());
    }

    @Test
    void theTopicOfTheNewHomeTakesOver() throws Exception {
        startAll();
        eu.stop();
        eu.logs().write(BOOKINFO, more(5));
        Chain branch = new Chain(BOOKINFO);
        us.logs().events(BOOKINFO).forEach(branch::append);
        Epoch second = EPOCH.next(2);
        us.logs().promise(BOOKINFO, second);
        us.logs().write(BOOKINFO, List.of(branch.open(second)));
        eu.start(us);

        Await.until("the old home goes over", () -> eu.logs().head(BOOKINFO).equals(branch.head()));
        assertThat(eu.logs().left(BOOKINFO)).hasSize(5);
        for (int i = 0; i < 20; i++) {
            us.logs().write(BOOKINFO, List.of(branch.add(second, "e", 10)));
            Await.until("it follows", () -> eu.logs().head(BOOKINFO).equals(branch.head()));
        }
        Await.until(
                "by the topic of the new home",
                () -> eu.replication(BOOKINFO).orElseThrow().route() instanceof Route.ByTopic);
        Await.until(
                "the new home counts",
                () -> us.logs().head(BOOKINFO).equals(us.logs().acknowledgedBy("eu-1", BOOKINFO)));
    }

    @Test
    void aRegionWithoutKafkaFollowsAndIsFollowed() throws Exception {
        MemoryRegion plain = new MemoryRegion("ap-1", 3);
        Chain shop = new Chain(SHOP).add(EPOCH.next(3), 10);
        plain.logs().write(SHOP, shop.events());
        try (plain) {
            eu.start(us, plain);
            us.start(eu, plain);
            plain.start(eu, us);
            write(10);
            awaitEqual();
            Await.until(
                    "it follows",
                    () -> plain.logs().head(BOOKINFO).equals(eu.logs().head(BOOKINFO)));
            Await.until("it is followed", () -> us.logs().head(SHOP).equals(shop.head()));
            assertThat(us.topics())
                    .filteredOn(status -> status.region().name().equals("ap-1"))
                    .singleElement()
                    .satisfies(status -> assertThat(status.detail()).contains("there is no topic"));
        }
    }

    /** Both regions, ten events, and everything by the topic. */
    private void startAll() throws Exception {
        eu.start(us);
        us.start(eu);
        Await.until("both topics are there", () -> allUp(eu) && allUp(us));
        write(10);
        byTopicAgain();
    }

    private static boolean allUp(MemoryRegion region) {
        return !region.topics().isEmpty() && region.topics().stream().allMatch(TopicStatus::up);
    }

    /** One more event now and then, until one comes by the topic. */
    private void byTopicAgain() {
        awaitEqual();
        Await.until(
                "events come by the topic",
                () -> {
                    write(1);
                    awaitEqual();
                    return us.replication(BOOKINFO).orElseThrow().route() instanceof Route.ByTopic;
                },
                () -> us.replication(BOOKINFO) + " " + us.topics());
    }

    private void awaitRoute(Route route) {
        Await.until(
                "the route is " + route,
                () -> us.replication(BOOKINFO).orElseThrow().route().equals(route),
                () -> us.replication(BOOKINFO));
    }

    private void write(int count) {
        eu.logs().write(BOOKINFO, more(count));
    }

    private List<EventEnvelope> more(int count) {
        long before = chain.size();
        chain.add(EPOCH, count);
        return chain.read(before, count);
    }

    private void awaitEqual() {
        Await.until(
                "us-1 holds all",
                () -> us.logs().head(BOOKINFO).equals(chain.head()),
                () -> "its head is " + us.logs().head(BOOKINFO) + ", the home's " + chain.head() + ", "
                        + us.replication(BOOKINFO) + " " + us.topics());
        assertThat(us.logs().events(BOOKINFO)).isEqualTo(chain.events());
    }

    private static long records(MemoryRegion region) {
        return region.topics().stream()
                .filter(status -> !status.own())
                .mapToLong(TopicStatus::records)
                .sum();
    }

    /** What a condition needs. */
    private interface Asked {
        long ask() throws Exception;
    }

    private static long unchecked(Asked asked) {
        try {
            return asked.ask();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
