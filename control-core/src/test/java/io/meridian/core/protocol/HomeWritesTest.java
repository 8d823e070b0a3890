package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Epoch;
import org.junit.jupiter.api.Test;

class HomeWritesTest {
    private final Regions regions = new Regions("eu-1", "us-1", "ap-1");
    private final Regions.Node eu = regions.node("eu-1");
    private final Regions.Node us = regions.node("us-1");

    @Test
    void nobodyIsAnsweredBeforeHisEventIsDurable() {
        eu.diskHeld = true;
        long asked = eu.send(Commands.create());
        assertThat(eu.answers).isEmpty();

        eu.releaseDisk();

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void whatArrivesMeanwhileGathersForTheNextWrite() {
        eu.accept(Commands.create());
        eu.diskHeld = true;
        long first = eu.send(Commands.namespace("a"));
        long second = eu.send(Commands.namespace("b"));
        long third = eu.send(Commands.namespace("c"));

        eu.releaseDisk();

        assertThat(eu.answers).containsKeys(first, second, third);
        assertThat(eu.state().isIdle()).isTrue();
    }

    @Test
    void aRetryIsRecognised() {
        eu.accept(Commands.create());
        CommandRequest request = regions.request("mine", Commands.namespace("a"));
        long first = eu.send(request);
        long again = eu.send(request);

        assertThat(eu.answers.of(again)).isInstanceOfSatisfying(CommandOutcome.Accepted.class, accepted -> {
            assertThat(accepted.replayed()).isTrue();
            assertThat(accepted.position()).isEqualTo(((CommandOutcome.Accepted) eu.answers.of(first)).position());
        });
    }

    @Test
    void aWriteElsewhereIsSentToTheHome() {
        eu.accept(Commands.create());
        regions.replicateAll("eu-1");

        long asked = us.send(Commands.namespace("a"));

        assertThat(us.elsewhere.of(asked)).isEqualTo(new Epoch(1));
    }

    @Test
    void aSynchronousWriteWaitsForItsReplicas() {
        eu.accept(Commands.create());
        regions.replicateAll("eu-1");
        eu.send(new MeshCommand.UpdateMesh(MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(1))
                .build()));
        regions.replicate("eu-1", "us-1");

        long asked = eu.send(Commands.namespace("a"));
        assertThat(eu.answers).doesNotContainKey(asked);
        regions.replicate("eu-1", "ap-1");

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aSynchronousWriteThatNobodyHoldsIsUnknownAtItsDeadline() {
        long asked = eu.send(Commands.create(1));

        regions.pass(30_100);

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Unknown.class);
    }

    @Test
    void aRestartedHomeThatHearsOfEverybodyGoesOn() {
        eu.accept(Commands.create());
        regions.replicateAll("eu-1");
        eu.kill();
        eu.start();

        assertThat(eu.accept(Commands.namespace("a")).position().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void aRestartedHomeThatLostEventsPullsThemBackAndTakesANewEpoch() {
        eu.accept(Commands.create());
        eu.accept(Commands.namespace("a"));
        eu.accept(Commands.namespace("b"));
        regions.replicate("eu-1", "us-1");
        eu.kill();
        eu.restore(4);
        eu.start();
        regions.pass(100);

        assertThat(eu.log()).startsWith(us.log().toArray(EventEnvelope[]::new));
        CommandOutcome.Accepted next = eu.accept(Commands.namespace("c"));
        assertThat(next.position().epoch()).isEqualTo(new Epoch(65));
        assertThat(next.position().seq()).isEqualTo(us.head().position().seq() + 2);
    }

    /** What it wrote last may still be on its way to others, as with an old copy. */
    @Test
    void aHomeThatLostAllOfAMeshPullsItBackAndTakesANewEpoch() {
        eu.accept(Commands.create());
        eu.accept(Commands.namespace("a"));
        regions.replicateAll("eu-1");
        eu.kill();
        eu.forget();
        eu.start();
        eu.append(us.log(), new Epoch(1));
        regions.pass(100);

        CommandOutcome.Accepted next = eu.accept(Commands.namespace("b"));
        assertThat(next.position().epoch()).isEqualTo(new Epoch(65));
        assertThat(eu.log()).startsWith(us.log().toArray(EventEnvelope[]::new));
    }

    @Test
    void aRestartedHomeThatCannotAskEverybodyTakesANewEpoch() {
        eu.accept(Commands.create());
        eu.accept(Commands.namespace("a"));
        regions.replicate("eu-1", "ap-1");
        regions.pass(100);
        regions.node("ap-1").kill();
        eu.kill();
        eu.restore(4);
        eu.unheard.add("ap-1");
        eu.start();
        long held = eu.send(Commands.namespace("b"));
        assertThat(eu.answers).doesNotContainKey(held);

        regions.pass(2_500);

        assertThat(eu.answers.of(held)).isInstanceOf(CommandOutcome.Accepted.class);
        assertThat(eu.head().position().epoch()).isGreaterThan(new Epoch(65));
        assertThat(eu.head().position().epoch().regionIndex()).isEqualTo(eu.id.index());
    }

    /** Found by chaos: the epoch that only us-1 knew was taken twice, and us-1 followed nobody any more. */
    @Test
    void anEpochThatWasLostWithADiskIsNotTakenAgainThoughNobodyWhoAnswersKnowsIt() {
        Regions.Node ap = regions.node("ap-1");
        eu.accept(Commands.create());
        regions.replicateAll("eu-1");
        Runnable backup = eu.backup();
        restartWithout(ap);
        eu.accept(Commands.namespace("a"));
        regions.replicate("eu-1", "us-1");
        Epoch lost = eu.head().position().epoch();

        regions.heal();
        regions.cut("eu-1", "us-1");
        regions.cut("ap-1", "us-1");
        eu.kill();
        backup.run();
        eu.unheard.clear();
        eu.unheard.add("us-1");
        eu.start();
        regions.pass(2_500);
        eu.accept(Commands.namespace("b"));
        regions.replicate("eu-1", "ap-1");

        assertThat(eu.head().position().epoch()).isGreaterThan(lost);
        eu.unheard.clear();
        regions.heal();
        regions.pass(100);
        regions.replicate("eu-1", "us-1");
        regions.pass(2_500);
        regions.replicateAll("eu-1");
        assertThat(us.log()).isEqualTo(eu.log());
        assertThat(ap.log()).isEqualTo(eu.log());
        assertThat(eu.state().durable().state().branches().keySet())
                .singleElement()
                .asString()
                .startsWith(lost + "-");
    }

    /** The home, while that region is cut off; it takes a new epoch. */
    private void restartWithout(Regions.Node away) {
        away.unheard.add("eu-1");
        regions.cut("eu-1", away.id.name());
        eu.kill();
        eu.unheard.add(away.id.name());
        eu.start();
        regions.pass(2_500);
        away.unheard.clear();
    }

    @Test
    void aRestartedHomeOfThreeThatHearsNobodyTakesNoWrites() {
        eu.accept(Commands.create());
        us.kill();
        regions.node("ap-1").kill();
        eu.kill();
        eu.unheard.add("us-1");
        eu.unheard.add("ap-1");
        eu.start();
        long asked = eu.send(Commands.namespace("a"));

        regions.pass(6_000);

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Unavailable.class);
    }
}
