package io.meridian.core.internal;

import io.meridian.core.MeshLog;
import io.meridian.core.MeshStates;
import io.meridian.core.MeshUnavailableException;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The newest state from the mesh's entity, earlier ones from the journal. A state that this version cannot read fails with the position. */
final class StateReads implements MeshStates {
    private static final int SCAN = 500;

    private final Entities entities;
    private final LogReader reader;
    private final BlockingReads reads;
    private final HeadBoard heads;

    StateReads(Entities entities, LogReader reader, BlockingReads reads, HeadBoard heads) {
        this.entities = entities;
        this.reader = reader;
        this.reads = reads;
        this.heads = heads;
    }

    @Override
    public CompletionStage<Read> latest(MeshId mesh, Optional<Position> min, Duration timeout) {
        if (min.isEmpty()) {
            return current(mesh, timeout).thenApply(Read.Found::new);
        }
        if (!min.get().mesh().equals(mesh)) {
            throw new IllegalArgumentException("a position of mesh " + min.get().mesh() + " asked of mesh " + mesh);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        return current(mesh, timeout).thenCompose(state -> compare(state, min.get(), deadline));
    }

    private CompletionStage<Read> compare(MeshState state, Position min, long deadlineNanos) {
        Position held = state.head().position();
        if (min.seq() == 0 || held.equals(min)) {
            return CompletableFuture.completedStage(new Read.Found(state));
        }
        if (held.compareTo(min) < 0) {
            // Of a later epoch than what is held here, even if that has more events: those are about to leave the
            // branch.
            return waitFor(min.mesh(), held, min, deadlineNanos);
        }
        if (held.seq() < min.seq()) {
            // What will be stored at that seq is of this epoch or a later one.
            return CompletableFuture.completedStage(new Read.RolledBack(min));
        }
        return reads.supply(() -> epochOf(min.mesh(), min.seq()).equals(Optional.of(min.epoch()))
                ? new Read.Found(state)
                : new Read.RolledBack(min));
    }

    private CompletionStage<Read> waitFor(MeshId mesh, Position held, Position min, long deadlineNanos) {
        CompletableFuture<Head> moved = new CompletableFuture<>();
        MeshLog.Subscription watch = heads.watchHead(mesh, head -> {
            Position position = head.position();
            if (position.isAtLeast(min)) {
                moved.complete(head);
            }
        });
        long left = Math.max(deadlineNanos - System.nanoTime(), 0);
        return moved.thenApply(Optional::of)
                .completeOnTimeout(Optional.empty(), left, TimeUnit.NANOSECONDS)
                .whenComplete((head, failure) -> watch.close())
                .thenCompose(head -> head.isEmpty()
                        ? CompletableFuture.completedStage(new Read.Behind(
                                heads.head(mesh).isEmpty()
                                        ? held
                                        : heads.head(mesh).position()))
                        : current(mesh, Duration.ofNanos(Math.max(deadlineNanos - System.nanoTime(), 0)))
                                .thenCompose(state -> compareAgain(state, min, deadlineNanos)));
    }

    /** The head was seen in the journal; an entity of another node tells it a moment later at most. */
    private CompletionStage<Read> compareAgain(MeshState state, Position min, long deadlineNanos) {
        return deadlineNanos - System.nanoTime() <= 0
                        && !state.head().position().isAtLeast(min)
                ? CompletableFuture.completedStage(new Read.Behind(state.head().position()))
                : compare(state, min, deadlineNanos);
    }

    private CompletionStage<MeshState> current(MeshId mesh, Duration timeout) {
        return entities.<MeshMessage.StateReply>ask(mesh, timeout, MeshMessage.GetState::new)
                .thenCompose(reply -> switch (reply) {
                    case MeshMessage.CurrentState(var state) -> CompletableFuture.completedStage(state.state());
                    case MeshMessage.StateFailed(var message) ->
                        CompletableFuture.failedStage(new MeshUnavailableException(message));
                });
    }

    /** Of the stored event; empty if there is none. */
    private Optional<Epoch> epochOf(MeshId mesh, long seq) {
        return reader.manifest(mesh).segmentOf(seq).map(Manifest.Segment::epoch);
    }

    @Override
    public CompletionStage<Read> at(MeshId mesh, long seq, Duration timeout) {
        if (seq < 0) {
            throw new IllegalArgumentException("seq must not be negative: " + seq);
        }
        return reads.supply(() -> readAt(mesh, seq)).orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Read readAt(MeshId mesh, long seq) {
        Head head = reader.head(mesh);
        if (head.position().seq() < seq) {
            return new Read.Behind(head.position());
        }
        LogState state = reader.stateAt(mesh, seq);
        if (!state.isReadable()) {
            throw new LogDamagedException("this version cannot read the log of mesh " + mesh + " beyond position "
                    + state.state().head().position() + "; upgrade it");
        }
        return new Read.Found(state.state());
    }

    @Override
    public CompletionStage<Long> seqAt(MeshId mesh, Instant time, Duration timeout) {
        return reads.supply(() -> scanBack(mesh, time)).orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** From the head back: clocks may have gone back, so the newest event that fits is the answer and no search by halves would find it. */
    private long scanBack(MeshId mesh, Instant time) {
        long upTo = reader.head(mesh).position().seq();
        while (upTo > 0) {
            long after = Math.max(upTo - SCAN, 0);
            List<EventEnvelope> events = readAll(mesh, after, upTo);
            for (EventEnvelope event : events.reversed()) {
                var wall = event.header().getWallTime();
                if (!Instant.ofEpochSecond(wall.getSeconds(), wall.getNanos()).isAfter(time)) {
                    return event.seq();
                }
            }
            upTo = after;
        }
        return 0;
    }

    /** A read ends at about 1 MiB: it may take several. */
    private List<EventEnvelope> readAll(MeshId mesh, long after, long upTo) {
        List<EventEnvelope> events = new ArrayList<>();
        while (after + events.size() < upTo) {
            List<EventEnvelope> more = reader.read(mesh, after + events.size(), (int) (upTo - after) - events.size());
            if (more.isEmpty()) {
                break;
            }
            events.addAll(more);
        }
        return events;
    }
}
