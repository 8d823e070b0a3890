package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CommitQueueTest {
    private static final int MAX_EVENTS = 3;

    private final MeshFixture mesh = MeshFixture.mesh("bookinfo");
    private final CommitQueue queue = new CommitQueue(LogState.of(mesh.state()), MAX_EVENTS, 1 << 20);
    private final List<String> told = new ArrayList<>();

    @Test
    void whatArrivesDuringACommitIsJudgedOnTheNextStateAndCommittedTogether() {
        command("a");
        CommitQueue.Batch first = queue.take().orElseThrow();
        command("b");
        command("c");

        assertThat(queue.judged().state()).isEqualTo(mesh.state());
        assertThat(queue.durable().head().position().seq()).isEqualTo(4);
        assertThat(queue.take()).isEmpty();
        assertThat(told).isEmpty();

        commit(first);
        assertThat(told).containsExactly("a durable");
        CommitQueue.Batch second = queue.take().orElseThrow();
        assertThat(second.toWrite().events()).hasSize(2);
        commit(second);

        assertThat(told).containsExactly("a durable", "b durable", "c durable");
        assertThat(queue.durable()).isEqualTo(LogState.of(mesh.state()));
        assertThat(queue.isIdle()).isTrue();
        assertThat(queue.size()).isZero();
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void onlyTheLastEventOfABatchCarriesTheState() {
        command("a");
        command("b");

        List<LogEvent> events = queue.take().orElseThrow().toWrite().events();

        assertThat(events.getFirst().after()).isNull();
        assertThat(events.getLast().after()).isEqualTo(LogState.of(mesh.state()));
        LogState before = LogState.empty(mesh.state().id());
        assertThat(events.getFirst().applyTo(before)).isEqualTo(before);
        assertThat(events.getLast().applyTo(before)).isEqualTo(LogState.of(mesh.state()));
    }

    @Test
    void anAnswerThatWroteNothingWaitsForWhatItWasJudgedOn() {
        queue.whenDurable(waiting("early"));
        command("a");
        CommitQueue.Batch batch = queue.take().orElseThrow();
        queue.whenDurable(waiting("refused"));

        assertThat(told).containsExactly("early durable");
        commit(batch);
        assertThat(told).containsExactly("early durable", "a durable", "refused durable");
    }

    @Test
    void aBatchIsBounded() {
        for (int i = 0; i < MAX_EVENTS + 2; i++) {
            command("c" + i);
        }

        CommitQueue.Batch first = queue.take().orElseThrow();
        assertThat(first.toWrite().events()).hasSize(MAX_EVENTS);
        commit(first);
        assertThat(queue.take().orElseThrow().toWrite().events()).hasSize(2);
    }

    @Test
    void aFailureIsUnknownToWhomeverIsInFlightAndCertainToTheOthers() {
        command("a");
        queue.take();
        command("b");

        queue.fail("disk full");

        assertThat(told).containsExactly("a unknown disk full", "b dropped disk full");
        assertThat(queue.size()).isZero();
    }

    @Test
    void aConfirmationOfSomethingElseIsAFault() {
        command("a");
        queue.take();

        assertThatThrownBy(() -> queue.committed(LogState.empty(mesh.state().id())))
                .isInstanceOf(IllegalStateException.class);
    }

    private void command(String name) {
        int before = mesh.log().size();
        mesh.withNamespace(name);
        List<EventEnvelope> events = mesh.log().subList(before, mesh.log().size());
        queue.add(events, LogState.of(mesh.state()));
        queue.whenDurable(waiting(name));
    }

    private void commit(CommitQueue.Batch batch) {
        LogState after = batch.toWrite().events().getLast().after();
        queue.committed(Objects.requireNonNull(after)).forEach(CommitQueue.Waiting::durable);
    }

    private CommitQueue.Waiting waiting(String name) {
        return new CommitQueue.Waiting() {
            @Override
            public void durable() {
                told.add(name + " durable");
            }

            @Override
            public void unknown(String reason) {
                told.add(name + " unknown " + reason);
            }

            @Override
            public void dropped(String reason) {
                told.add(name + " dropped " + reason);
            }
        };
    }
}
