package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.Epoch;
import org.junit.jupiter.api.Test;

/** When a region opens the log of a name that it does not know. */
class UnknownMeshTest {
    private static final int CLEARANCE_MILLIS =
            Math.toIntExact(ProtocolSettings.Timing.DEFAULT.clearance().toMillis());

    private final Regions regions = new Regions("eu-1", "us-1", "ap-1");
    private final Regions.Node eu = regions.node("eu-1");
    private final Regions.Node ap = regions.node("ap-1");

    @Test
    void whoHasHeardOfAllTakesTheNameAtOnce() {
        assertThat(eu.accept(Commands.create()).position().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void aRegionThatHasToldNothingYetIsWaitedForAndNotForLong() {
        eu.unheard.add("ap-1");

        long asked = eu.send(Commands.create());
        regions.pass(CLEARANCE_MILLIS / 2);
        assertThat(eu.answers).doesNotContainKey(asked);
        regions.pass(CLEARANCE_MILLIS);

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void whatOnlyThatRegionHoldsIsNotCreatedAgain() {
        lost();
        eu.unheard.add("ap-1");
        eu.start();
        long asked = eu.send(Commands.create());
        regions.pass(CLEARANCE_MILLIS / 2);

        eu.unheard.clear();
        regions.pass(100);
        eu.append(ap.log(), new Epoch(1));
        regions.pass(100);

        assertThat(eu.answers.of(asked)).as("the mesh is there already").isInstanceOf(CommandOutcome.Rejected.class);
        assertThat(eu.log()).startsWith(ap.log().getFirst());
    }

    @Test
    void whoSpeaksOfAnEpochThatWasLostHereMakesNobodyBeginAgain() {
        lost();
        regions.cut("eu-1", "ap-1");
        eu.start();
        regions.pass(2L * CLEARANCE_MILLIS);

        long asked = eu.send(regions.request(Commands.create()), new Epoch(1));
        regions.pass(ProtocolSettings.Timing.DEFAULT.hold().toMillis() + 100);

        assertThat(eu.answers.of(asked))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unavailable.class,
                        told -> assertThat(told.message())
                                .contains("has yet to learn that it is the home of mesh bookinfo in epoch 1"));
        assertThat(eu.head().isEmpty()).isTrue();
    }

    @Test
    void whoSpeaksOfAPromiseThatNobodyCanKeepAnyMoreHoldsUpNobody() {
        regions.node("us-1").promise("eu-1", new Epoch(65), false);

        long asked = eu.send(regions.request(Commands.create()), new Epoch(65));

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
        regions.pass(10_000);
        assertThat(eu.head().position().epoch())
                .as("later than what was promised")
                .isEqualTo(new Epoch(129));
        regions.replicateAll("eu-1");
        assertThat(regions.node("us-1").log()).isEqualTo(eu.log());
    }

    @Test
    void aNameThatWasPromisedHereInVainIsTakenInThatEpoch() {
        Regions.Node us = regions.node("us-1");
        us.accept(Commands.create());
        eu.tick();
        regions.cut("eu-1", "us-1");
        regions.cut("eu-1", "ap-1");
        eu.failover(false);
        us.kill();
        us.forget();
        eu.kill();
        regions.heal();
        us.start();
        eu.start();
        assertThat(eu.state().manifest().promised()).isEqualTo(new Epoch(65));

        assertThat(eu.accept(Commands.create()).position().epoch()).isEqualTo(new Epoch(65));
    }

    /** The mesh, with the disk of its home; ap-1 holds it. */
    private void lost() {
        eu.accept(Commands.create());
        regions.replicate("eu-1", "ap-1");
        eu.kill();
        eu.forget();
    }
}
