package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Homes that move, by plan and by force, and what becomes of the events that the new home did not know. */
@Timeout(120)
public class BranchesTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");

    private MemoryRegion eu;
    private MemoryRegion us;
    private MemoryRegion ap;
    private final Epoch first = Epoch.NONE.next(1);

    /** Overridden where regions have another transport. */
    protected MemoryRegion region(String name, int index) {
        return new MemoryRegion(name, index);
    }

    @BeforeEach
    void makeRegions() {
        eu = region("eu-1", 1);
        us = region("us-1", 2);
        ap = region("ap-1", 3);
    }

    @AfterEach
    void stopAll() {
        eu.close();
        us.close();
        ap.close();
    }

    @Test
    void afterAPlannedMoveEveryRegionFollowsTheNewHomeAndTheOldOneGetsItsEvents() {
        startWith(new Chain(BOOKINFO).add(first, 20));

        Chain moved = openAt(us, 2);
        moved.add(moved.head().position().epoch(), 30);
        us.logs().write(BOOKINFO, moved.read(us.logs().head(BOOKINFO).position().seq(), 30));

        awaitAll(us);
        assertThat(eu.logs().left(BOOKINFO)).isEmpty();
        assertThat(eu.replication(BOOKINFO).orElseThrow().homeIndex()).contains(2);
        awaitThat(
                "the new home counts",
                () -> us.logs().head(BOOKINFO).equals(us.logs().acknowledgedBy("eu-1", BOOKINFO)));
    }

    @Test
    void anOldHomeThatReturnsGoesOverToTheNewBranchAndKeepsItsTailAside() {
        Chain chain = new Chain(BOOKINFO).add(first, 20);
        startWith(chain);
        eu.stop();
        List<EventEnvelope> tail = more(chain, 5);
        eu.logs().write(BOOKINFO, tail);
        openAt(us, 2);
        awaitEqual(ap, us);

        eu.start(us, ap);

        awaitAll(us);
        assertThat(eu.logs().left(BOOKINFO)).isEqualTo(tail);
        assertThat(eu.logs().head(BOOKINFO).position().seq())
                .as("lower than it was")
                .isEqualTo(21);
        assertThat(us.logs().left(BOOKINFO)).isEmpty();
        awaitThat(
                "the new home counts",
                () -> us.logs().head(BOOKINFO).equals(us.logs().acknowledgedBy("eu-1", BOOKINFO)));
    }

    @Test
    void homesMoveThereAndBackAndEachTimeTheLoserGoesOver() {
        Chain chain = new Chain(BOOKINFO).add(first, 10);
        startWith(chain);
        eu.stop();
        eu.logs().write(BOOKINFO, more(chain, 300));
        Chain second = openAt(us, 2);
        eu.start(us, ap);
        awaitAll(us);

        us.stop();
        us.logs().write(BOOKINFO, more(second, 7));
        openAt(eu, 1);
        us.start(eu, ap);

        awaitAll(eu);
        assertThat(eu.logs().left(BOOKINFO)).hasSize(300);
        assertThat(us.logs().left(BOOKINFO)).hasSize(7);
        assertThat(Chain.lineage(us.logs().events(BOOKINFO)).segments()).hasSize(3);
    }

    @Test
    void aMeshThatWasBornTwiceGoesOnWithTheLaterEpoch() {
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(first, 5).events());
        Chain born = new Chain(BOOKINFO);
        born.open(first.next(2));
        born.add(first.next(2), 3);
        us.logs().write(BOOKINFO, born.events());

        startAll();

        awaitAll(us);
        assertThat(eu.logs().left(BOOKINFO)).hasSize(5);
    }

    @Test
    void aReplicaThatPromisedALaterEpochTakesNothingMoreOfTheOldHome() {
        Chain chain = new Chain(BOOKINFO).add(first, 10);
        startWith(chain);
        us.logs().promise(BOOKINFO, first.next(2));

        eu.logs().write(BOOKINFO, more(chain, 3));

        awaitEqual(ap, eu);
        awaitThat("us-1 says why", () -> detail(us).contains("older epoch than the promised 2"));
        assertThat(us.logs().events(BOOKINFO)).hasSize(10);

        openAt(us, 2);
        awaitAll(us);
        assertThat(eu.logs().left(BOOKINFO)).hasSize(3);
    }

    @Test
    void oneEpochWrittenTwiceStopsTheReplicaUntilTheHomeMovesOn() {
        Chain chain = new Chain(BOOKINFO).add(first, 10);
        Chain twice = Chain.upTo(chain, 6);
        twice.add(first, "another history", 20);
        twice.add(first, 9);
        chain.open(first.next(2));
        us.logs().write(BOOKINFO, chain.events());
        eu.logs().write(BOOKINFO, twice.events());
        us.start(eu, ap);
        ap.start(eu, us);
        // Before eu-1 can give it the other history.
        awaitEqual(ap, us);
        eu.start(us, ap);

        awaitThat("eu-1 is stopped", () -> eu.state(BOOKINFO) == MeshReplication.State.STOPPED);
        assertThat(detail(eu)).contains("written twice");
        assertThat(eu.logs().events(BOOKINFO)).isEqualTo(twice.events());
        awaitEqual(ap, us);

        openAt(ap, 3);
        awaitEqual(us, ap);
        awaitThat(
                "eu-1 is stopped with the next home too",
                () -> eu.replication(BOOKINFO)
                                .flatMap(MeshReplication::homeIndex)
                                .equals(Optional.of(3))
                        && eu.state(BOOKINFO) == MeshReplication.State.STOPPED);
        assertThat(eu.logs().events(BOOKINFO)).as("and nothing is overwritten").isEqualTo(twice.events());
    }

    @Test
    void aReplicaThatConflictedWithOneHomeFollowsTheNext() {
        Chain chain = new Chain(BOOKINFO).add(first, 10);
        Chain other = Chain.upTo(chain, 6);
        other.add(first, "another history", 20);
        us.logs().write(BOOKINFO, other.events());
        ap.logs().write(BOOKINFO, Chain.upTo(chain, 6).events());
        eu.logs().write(BOOKINFO, chain.events());
        eu.start(us);
        us.start(eu, ap);
        awaitThat("us-1 is stopped", () -> us.state(BOOKINFO) == MeshReplication.State.STOPPED);
        eu.stop();

        // What us-1 has at seq 7 was of a home that nobody else remembers.
        ap.start(eu, us);
        openAt(ap, 3);

        awaitEqual(us, ap);
        assertThat(us.logs().left(BOOKINFO)).hasSize(1);
    }

    @Test
    void aReplicaAheadOfItsHomeWaitsUntilThatPulledBackWhatItLost() {
        Chain chain = new Chain(BOOKINFO).add(first, 10);
        us.logs().write(BOOKINFO, chain.events());
        eu.logs().write(BOOKINFO, chain.read(0, 4));
        startAll();

        awaitThat("us-1 says that it is ahead", () -> detail(us).contains("ahead of the log's head 1.4"));
        awaitThat("the home says that it lost events", () -> detail(eu).contains("lost"));
        assertThat(us.logs().events(BOOKINFO)).hasSize(10);

        eu.logs().write(BOOKINFO, chain.read(4, 6));
        eu.logs().write(BOOKINFO, more(chain, 2));
        awaitAll(eu);
        assertThat(us.logs().left(BOOKINFO)).isEmpty();
    }

    @Test
    void aRegionFollowsTheMeshesWhoseMemberItIs() {
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(first, 5).events());
        us.logs().follow(BOOKINFO, false);
        startAll();

        awaitEqual(ap, eu);
        awaitThat(
                "us-1 is none",
                () -> us.replication(BOOKINFO).isPresent() && us.state(BOOKINFO) == MeshReplication.State.NOT_A_MEMBER);
        assertThat(us.logs().events(BOOKINFO)).isEmpty();

        us.logs().follow(BOOKINFO, true);
        awaitEqual(us, eu);

        us.logs().follow(BOOKINFO, false);
        awaitThat("us-1 left", () -> us.state(BOOKINFO) == MeshReplication.State.NOT_A_MEMBER);
        eu.logs().write(BOOKINFO, more(chainOf(eu), 1));
        awaitEqual(ap, eu);
        assertThat(us.logs().events(BOOKINFO)).hasSize(5);
    }

    @Test
    void aWitnessFollowsNobodyAndNobodyFollowsIt() {
        MeshId shop = new MeshId("shop");
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(first, 5).events());
        ap.logs().write(shop, new Chain(shop).add(Epoch.NONE.next(3), 5).events());
        ap.keepsNoEvents();
        startAll();

        awaitEqual(us, eu);
        awaitThat("us-1 knows of shop", () -> us.peer(ap).lastKnownHead(shop).isPresent());
        awaitThat(
                "ap-1 knows of bookinfo",
                () -> ap.peer(us).lastKnownHead(BOOKINFO).isPresent());
        assertThat(us.peer(ap).witness()).isTrue();
        assertThat(us.peer(eu).witness()).isFalse();
        assertThat(ap.state(BOOKINFO)).isEqualTo(MeshReplication.State.WITNESS);
        assertThat(ap.logs().events(BOOKINFO)).isEmpty();
        assertThat(us.logs().events(shop)).isEmpty();
    }

    @Test
    void whatAWitnessClaimsToHoldCountsForNothing() {
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(first, 5).events());
        // ap-1 does not know that the others take it for a witness.
        ap.keepsNoEvents();
        eu.start(us, ap);
        us.start(eu, ap);
        ap.keepsEvents();
        ap.start(eu, us);

        awaitEqual(ap, eu);
        awaitThat("us-1 counts", () -> eu.logs().head(BOOKINFO).equals(eu.logs().acknowledgedBy("us-1", BOOKINFO)));
        eu.logs().write(BOOKINFO, more(chainOf(eu), 1));
        awaitEqual(ap, eu);
        awaitThat(
                "us-1 counts on",
                () -> eu.logs().head(BOOKINFO).equals(eu.logs().acknowledgedBy("us-1", BOOKINFO)));
        assertThat(eu.logs().acknowledgedBy("ap-1", BOOKINFO)).isNull();
    }

    /** {@code region} becomes the home behind what it holds. */
    private Chain openAt(MemoryRegion region, int index) {
        Chain chain = chainOf(region);
        Epoch epoch = chain.head().position().epoch().next(index);
        region.logs().promise(BOOKINFO, epoch);
        region.logs().write(BOOKINFO, List.of(chain.open(epoch)));
        return chain;
    }

    private static Chain chainOf(MemoryRegion region) {
        Chain chain = new Chain(BOOKINFO);
        region.logs().events(BOOKINFO).forEach(chain::append);
        return chain;
    }

    private static List<EventEnvelope> more(Chain chain, int count) {
        long before = chain.size();
        chain.add(chain.head().position().epoch(), count);
        return chain.read(before, count);
    }

    private void startWith(Chain chain) {
        eu.logs().write(BOOKINFO, chain.events());
        startAll();
        awaitAll(eu);
    }

    private void startAll() {
        eu.start(us, ap);
        us.start(eu, ap);
        ap.start(eu, us);
    }

    private void awaitAll(MemoryRegion home) {
        List.of(eu, us, ap).forEach(region -> awaitEqual(region, home));
    }

    private static void awaitEqual(MemoryRegion replica, MemoryRegion home) {
        Await.until(
                replica.id() + " holds what " + home.id() + " holds",
                () -> {
                    Head head = home.logs().head(BOOKINFO);
                    return !head.isEmpty() && replica.logs().head(BOOKINFO).equals(head);
                },
                () -> "its head is " + replica.logs().head(BOOKINFO) + ", the home's "
                        + home.logs().head(BOOKINFO) + ", " + replica.replication(BOOKINFO));
        assertThat(replica.logs().events(BOOKINFO)).isEqualTo(home.logs().events(BOOKINFO));
    }

    private void awaitThat(String what, BooleanSupplier condition) {
        Await.until(
                what,
                condition,
                () -> List.of(eu, us, ap).stream()
                        .map(region -> region.isRunning()
                                ? region.replication(BOOKINFO).toString()
                                : "down")
                        .toList());
    }

    private static String detail(MemoryRegion region) {
        return region.replication(BOOKINFO).map(MeshReplication::detail).orElse("");
    }
}
