package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.ResourceLimits;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

public class ReplicationTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final MeshId SHOP = new MeshId("shop");

    private MemoryRegion eu;
    private MemoryRegion us;
    private MemoryRegion ap;
    private final Epoch epochOfEu = Epoch.NONE.next(1);

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
    void aReplicaCatchesUpWithTenThousandEventsByteForByte() {
        List<EventEnvelope> events = new Chain(BOOKINFO).add(epochOfEu, 10_000).events();
        eu.logs().write(BOOKINFO, events);
        eu.start(us);
        us.start(eu);

        long start = System.nanoTime();
        awaitEqual(us, BOOKINFO);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(us.logs().events(BOOKINFO)).isEqualTo(events);
        assertThat(us.logs().appends()).as("events come in batches").isLessThan(500);
        Await.until(
                "the home knows what the replica holds",
                () -> eu.logs().head(BOOKINFO).equals(eu.logs().acknowledgedBy("us-1", BOOKINFO)));
        System.out.println("catch-up of 10000 events took " + took.toMillis() + " ms in "
                + us.logs().appends() + " appends");
    }

    @Test
    void eventsOfTheLargestSizeReachAReplica() {
        Chain chain = new Chain(BOOKINFO);
        for (int i = 0; i < 3; i++) {
            // What the largest change set allowed takes, and some.
            chain.add(epochOfEu, "large", ResourceLimits.MAX_SET_BYTES + (1 << 20));
        }
        eu.logs().write(BOOKINFO, chain.events());
        eu.start(us);
        us.start(eu);

        awaitEqual(us, BOOKINFO);
    }

    @Test
    void eachNewEventReachesEveryRegionAtOnce() {
        startAll();
        Chain chain = new Chain(BOOKINFO);
        for (int i = 0; i < 50; i++) {
            eu.logs().write(BOOKINFO, List.of(chain.add(epochOfEu, "e", 100)));
            awaitEqual(us, BOOKINFO);
            awaitEqual(ap, BOOKINFO);
        }
        assertThat(us.state(BOOKINFO)).isEqualTo(MeshReplication.State.FOLLOWING);
        assertThat(eu.state(BOOKINFO)).isEqualTo(MeshReplication.State.HOME);
    }

    @Test
    void aReplicaThatWasDownCatchesUpAndAHomeThatWasDownIsFollowedAgain() {
        startAll();
        Chain chain = new Chain(BOOKINFO);
        eu.logs().write(BOOKINFO, chain.add(epochOfEu, 100).events());
        awaitEqual(us, BOOKINFO);

        us.stop();
        eu.logs().write(BOOKINFO, more(chain, 100));
        awaitEqual(ap, BOOKINFO);
        us.start(eu, ap);
        awaitEqual(us, BOOKINFO);

        eu.stop();
        Await.until("the home is seen to be gone", () -> !us.peer(eu).reachable());
        // Its heads and its log come on streams of their own, which end one after the other.
        Await.until(
                "the mesh's own stream is opened anew", () -> us.state(BOOKINFO) == MeshReplication.State.CONNECTING);
        eu.logs().write(BOOKINFO, more(chain, 100));
        eu.start(us, ap);
        awaitEqual(us, BOOKINFO);
        awaitEqual(ap, BOOKINFO);
    }

    @Test
    void aSlowReplicaHoldsUpNobodyAndIsNeverOverrun() {
        us.logs().slowDown(Duration.ofMillis(30));
        var small = new ReplicatorSettings.Limits(64, 4096, 16, 2, 1 << 20);
        eu.start(List.of(us, ap), small);
        us.start(List.of(eu, ap), small);
        ap.start(List.of(eu, us), small);
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(epochOfEu, 1000).events());

        awaitEqual(ap, BOOKINFO);
        assertThat(us.logs().events(BOOKINFO)).hasSizeLessThan(1000);
        awaitEqual(us, BOOKINFO);
        assertThat(us.logs().largestAppend()).isLessThanOrEqualTo(64);
    }

    @Test
    void aConflictStopsItsMeshLoudlyAndNoOther() {
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(epochOfEu, 5).events());
        eu.logs().write(SHOP, new Chain(SHOP).add(epochOfEu, 5).events());
        Chain other = new Chain(BOOKINFO).add(epochOfEu, 2);
        other.add(epochOfEu, "another history", 20);
        us.logs().write(BOOKINFO, other.events());
        startAll();

        awaitEqual(us, SHOP);
        Await.until("bookinfo is stopped", () -> us.state(BOOKINFO) == MeshReplication.State.STOPPED);
        assertThat(us.replication(BOOKINFO).orElseThrow().detail()).contains("does not contain our head");
        assertThat(us.logs().events(BOOKINFO)).isEqualTo(other.events());
        awaitEqual(ap, BOOKINFO);

        eu.logs().write(SHOP, more(chainOf(SHOP), 3));
        awaitEqual(us, SHOP);
    }

    private Chain chainOf(MeshId mesh) {
        Chain chain = new Chain(mesh);
        eu.logs().events(mesh).forEach(chain::append);
        return chain;
    }

    private List<EventEnvelope> more(Chain chain, int count) {
        long before = chain.size();
        chain.add(epochOfEu, count);
        return chain.read(before, count);
    }

    private void startAll() {
        eu.start(us, ap);
        us.start(eu, ap);
        ap.start(eu, us);
    }

    private void awaitEqual(MemoryRegion replica, MeshId mesh) {
        Await.until(
                replica.id() + " holds all of " + mesh,
                () -> replica.logs().head(mesh).equals(eu.logs().head(mesh))
                        && !replica.logs().head(mesh).isEmpty(),
                () -> "its head is " + replica.logs().head(mesh) + ", the home's "
                        + eu.logs().head(mesh) + ", " + replica.replication(mesh));
    }
}
