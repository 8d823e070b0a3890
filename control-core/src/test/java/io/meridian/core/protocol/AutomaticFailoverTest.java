package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.Epoch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutomaticFailoverTest {
    private final Regions regions = new Regions("eu-1", "us-1", "ap-1");
    private final Regions.Node eu = regions.node("eu-1");
    private final Regions.Node us = regions.node("us-1");

    private long created;

    @BeforeEach
    void aMeshThatFailsOverByItself() {
        created = eu.send(Commands.createWith(MeshSpec.Failover.newBuilder()
                .setAutomatic(true)
                .setLease(Durations.fromSeconds(10))
                .build()));
        regions.pass(200);
        regions.replicateAll("eu-1");
        regions.pass(3_000);
    }

    @Test
    void theWriteThatMakesALeaseNecessaryIsAnsweredOnceThereIsOne() {
        assertThat(eu.answers.of(created)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void whileTheHomeIsHeardNothingMoves() {
        regions.pass(60_000);

        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(1));
        eu.accept(Commands.namespace("a"));
    }

    @Test
    void aReplicaTakesOverOnceTheLeaseHasRunOut() {
        eu.kill();
        regions.pass(9_000);
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(1));

        regions.pass(5_000);

        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
        regions.pass(500);
        us.accept(Commands.namespace("a"));
    }

    @Test
    void aHomeThatIsCutOffStopsAnsweringBeforeAnotherBegins() {
        regions.cut("eu-1", "us-1");
        regions.cut("eu-1", "ap-1");
        regions.pass(9_100);
        long asked = eu.send(Commands.namespace("late"));
        regions.pass(100);
        assertThat(eu.answers).doesNotContainKey(asked);
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(1));

        regions.pass(6_000);

        assertThat(eu.answers.of(asked)).isNotInstanceOf(CommandOutcome.Accepted.class);
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void aVoterLeasesToNoEarlierEpochThanBefore() {
        us.take(new Input.LeaseAsked(901, new Epoch(67), 10_000));
        us.take(new Input.LeaseAsked(902, new Epoch(1), 10_000));

        assertThat(us.leases.of(901).granted()).isTrue();
        assertThat(us.leases.of(902).granted()).isFalse();
    }

    @Test
    void aRestartedVoterWaitsOutTheLeaseThatItMayHaveGranted() {
        Regions.Node ap = regions.node("ap-1");
        eu.kill();
        ap.kill();
        ap.start();

        assertThat(ap.promises.of(ap.promise("us-1", new Epoch(2), true)).granted())
                .isFalse();
        assertThat(ap.promises.of(ap.promise("us-1", new Epoch(2), false)).granted())
                .isTrue();
    }
}
