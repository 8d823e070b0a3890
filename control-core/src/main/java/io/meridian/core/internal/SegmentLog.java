package io.meridian.core.internal;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import io.meridian.persistence.PersistenceIds;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.SnapshotFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one segment of a mesh's log: writes batches, each in one transaction, and verifies the chain when it reads it back. Fails, and so stops,
 * if the journal does: whether a batch is durable is then known only to the journal.
 *
 * <p>Snapshots are kept for ever (they are what {@code at(seq)} starts from); one is taken every so many events.
 */
final class SegmentLog extends EventSourcedBehavior<SegmentLog.Write, LogEvent, LogState> {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);

    /** All or none. */
    record Write(List<LogEvent> events) {}

    /** What the owner of this actor is told. */
    sealed interface Told {}

    record Recovered(LogState state) implements Told {}

    record Written(LogState state) implements Told {}

    record Failed(String reason) implements Told {}

    private final Head base;
    private final int snapshotEvery;
    private final ActorRef<Told> owner;

    private SegmentLog(Epoch epoch, Head base, int snapshotEvery, ActorRef<Told> owner) {
        super(PersistenceId.ofUniqueId(PersistenceIds.segment(base.position().mesh(), epoch)));
        this.base = base;
        this.snapshotEvery = snapshotEvery;
        this.owner = owner;
    }

    /** {@code base}: the head of the log before the segment, {@link Head#empty} for the first. */
    static Behavior<Write> create(Epoch epoch, Head base, int snapshotEvery, ActorRef<Told> owner) {
        return new SegmentLog(epoch, base, snapshotEvery, owner);
    }

    @Override
    public LogState emptyState() {
        return LogState.before(base);
    }

    @Override
    public CommandHandler<Write, LogEvent, LogState> commandHandler() {
        return (state, write) -> Effect().persist(write.events()).thenRun(after -> owner.tell(new Written(after)));
    }

    @Override
    public EventHandler<LogState, LogEvent> eventHandler() {
        return (state, event) -> event.applyTo(state);
    }

    @Override
    public boolean shouldSnapshot(LogState state, LogEvent event, long sequenceNumber) {
        return sequenceNumber % snapshotEvery == 0 && state.isReadable();
    }

    @Override
    public SignalHandler<LogState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), state -> owner.tell(new Recovered(state)))
                .onSignal(
                        RecoveryFailed.class,
                        (state, failed) -> owner.tell(new Failed(Failures.reason(failed.failure()))))
                .onSignal(
                        SnapshotFailed.class,
                        (state, failed) -> LOG.warn(
                                "snapshot failed, recovery will take longer: mesh={} position={} reason=\"{}\"",
                                state.head().position().mesh(),
                                state.head().position(),
                                Failures.reason(failed.failure())))
                .build();
    }
}
