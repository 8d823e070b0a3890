package io.meridian.core.internal;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Turn;
import io.meridian.model.mesh.Writer;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mesh in this region once its log is open: takes commands if the region is its home, appends what the home wrote if not, and answers after
 * the durable commit. Owns the in-memory state; {@link SegmentedLog} owns what is durable. Opened by {@link MeshOpening}.
 */
final class MeshEntity {
    private static final Logger LOG = LoggerFactory.getLogger(MeshEntity.class);
    private static final Duration RETRY_WHEN_FULL = Duration.ofMillis(200);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration RETRY_WHEN_AN_OPERATOR_ACTED = Duration.ofSeconds(5);
    private static final Duration EXPIRY_TICK = Duration.ofMillis(100);

    /** Time to look for waiters whose deadline passed. */
    private enum Tick implements MeshMessage.Internal {
        INSTANCE
    }

    /** An {@link MeshMessage.Append} with the stored hashes that it has to be judged by. */
    private record AppendWithHashes(MeshMessage.Append append, Map<Long, Hash> stored)
            implements MeshMessage.Internal {}

    private record HashesUnread(MeshMessage.Append append, Throwable failure) implements MeshMessage.Internal {}

    private final ActorContext<MeshMessage> context;
    private final TimerScheduler<MeshMessage> timers;
    private final Region region;
    private final MeshId mesh;
    private final ActorRef<SegmentedLog.Message> log;
    private final Function<Boolean, Behavior<MeshMessage>> closed;
    private final Epoch promised;
    private final CommitQueue queue;
    private final HomeCheck homeCheck;
    private final ReplicaTurn replicaTurn;
    private final SyncWaiters syncWaiters = new SyncWaiters();
    private final RecentHashes hashes = new RecentHashes();
    private boolean stopping;

    /** {@code closed}: what the entity becomes when its log failed; told whether the log's actor has ended. */
    MeshEntity(
            ActorContext<MeshMessage> context,
            TimerScheduler<MeshMessage> timers,
            Region region,
            ActorRef<SegmentedLog.Message> log,
            Function<Boolean, Behavior<MeshMessage>> closed,
            SegmentedLog.Opened opened) {
        this.context = context;
        this.timers = timers;
        this.region = region;
        this.log = log;
        this.closed = closed;
        mesh = opened.state().head().position().mesh();
        promised = opened.promised();
        queue = new CommitQueue(
                opened.state(),
                region.settings().maxBatchEvents(),
                region.settings().maxBatchBytes());
        homeCheck = new HomeCheck(region.id(), region.peers());
        replicaTurn = new ReplicaTurn(queue, hashes, promised);
        hashes.add(opened.state().head());
    }

    Behavior<MeshMessage> behavior() {
        return Behaviors.receive(MeshMessage.class)
                .onMessage(MeshMessage.Execute.class, this::execute)
                .onMessage(MeshMessage.Append.class, append -> append(append, Map.of()))
                .onMessage(AppendWithHashes.class, found -> append(found.append(), found.stored()))
                .onMessage(HashesUnread.class, this::hashesUnread)
                .onMessage(MeshMessage.Acknowledged.class, this::acknowledged)
                .onMessage(MeshMessage.GetState.class, this::getState)
                .onMessage(SegmentedLog.Written.class, this::written)
                .onMessage(SegmentedLog.Broken.class, broken -> broken(broken.reason(), false))
                .onMessage(Tick.class, tick -> expire())
                .onMessage(MeshMessage.Stop.class, stop -> stop())
                .onSignal(Terminated.class, signal -> broken("its log ended", true))
                .build();
    }

    private Behavior<MeshMessage> execute(MeshMessage.Execute message) {
        if (stopping) {
            return answer(message, unavailable("mesh " + mesh + " is moving to another node", RETRY_AFTER_FAILURE));
        }
        if (isFull()) {
            return answer(
                    message,
                    unavailable(
                            "mesh " + mesh + " has " + (queue.size() + syncWaiters.size()) + " commands and "
                                    + queue.bytes() + " bytes waiting; slow down",
                            RETRY_WHEN_FULL));
        }
        LogState judged = queue.judged();
        HomeCheck.Verdict verdict = homeCheck.judge(judged.head(), promised);
        switch (verdict) {
            case HomeCheck.Here(var epoch) -> {
                if (!judged.isReadable()) {
                    return answer(message, unavailable(unreadable(judged), RETRY_WHEN_AN_OPERATOR_ACTED));
                }
                take(message, judged.state(), epoch);
            }
            case HomeCheck.Elsewhere(var epoch) -> message.replyTo().tell(new MeshMessage.NotHome(epoch));
            case HomeCheck.Fenced(var reason) ->
                message.replyTo().tell(new MeshMessage.Outcome(unavailable(reason, RETRY_WHEN_AN_OPERATOR_ACTED)));
        }
        return Behaviors.same();
    }

    private void take(MeshMessage.Execute message, MeshState state, Epoch epoch) {
        CommandRequest request = message.request();
        Turn turn;
        try {
            turn = region.home()
                    .take(
                            state,
                            request,
                            new Writer(
                                    region.id(),
                                    epoch,
                                    region.incarnation(),
                                    region.clock().instant()));
        } catch (RuntimeException e) {
            // The core is total: this is a fault of ours. One command must not take the mesh down with it.
            LOG.error("command could not be judged: mesh={} command={}", mesh, request.commandId(), e);
            message.replyTo()
                    .tell(new MeshMessage.CommandFailed("the command could not be judged, nothing changed: " + e));
            return;
        }
        long deadline = System.nanoTime() + message.timeout().toNanos();
        switch (turn) {
            case Turn.Answered(var outcome) ->
                queue.whenDurable(waiting(
                        message, outcome, request.validateOnly() ? 0 : Durabilities.replicas(state, state), deadline));
            case Turn.Commit(var envelopes, var next, var outcome) -> {
                envelopes.forEach(hashes::add);
                queue.add(envelopes, LogState.of(next));
                queue.whenDurable(waiting(message, outcome, Durabilities.replicas(state, next), deadline));
                flush();
            }
        }
    }

    private CommitQueue.Waiting waiting(
            MeshMessage.Execute message, CommandOutcome outcome, int replicas, long deadlineNanos) {
        String commandId = message.request().commandId();
        ActorRef<MeshMessage.CommandReply> replyTo = message.replyTo();
        return new CommitQueue.Waiting() {
            @Override
            public void durable() {
                if (replicas == 0 || !(outcome instanceof CommandOutcome.Accepted accepted)) {
                    replyTo.tell(new MeshMessage.Outcome(outcome));
                    return;
                }
                syncWaiters.add(new SyncWaiters.Waiter(
                        accepted.position().seq(),
                        replicas,
                        deadlineNanos,
                        () -> replyTo.tell(new MeshMessage.Outcome(outcome)),
                        why -> replyTo.tell(new MeshMessage.Outcome(new CommandOutcome.Unknown(
                                commandId,
                                "the write is durable in region " + region.id() + " at position " + accepted.position()
                                        + ", but " + why)))));
                startTicking();
            }

            @Override
            public void unknown(String reason) {
                replyTo.tell(new MeshMessage.Outcome(new CommandOutcome.Unknown(commandId, reason)));
            }

            @Override
            public void dropped(String reason) {
                replyTo.tell(new MeshMessage.Outcome(unavailable(reason, RETRY_AFTER_FAILURE)));
            }
        };
    }

    private Behavior<MeshMessage> append(MeshMessage.Append message, Map<Long, Hash> stored) {
        if (stopping || isFull()) {
            message.replyTo()
                    .tell(new MeshMessage.AppendFailed("mesh " + mesh
                            + (stopping ? " is moving to another node" : " has too much waiting") + "; try again"));
            return Behaviors.same();
        }
        List<Long> unknown = replicaTurn.unknownSeqs(message.envelopes(), stored);
        if (!unknown.isEmpty()) {
            return readHashes(message, unknown);
        }
        Acceptance stopped = replicaTurn.take(message.envelopes(), stored);
        queue.whenDurable(appended(message.replyTo(), queue.judged().head(), stopped));
        flush();
        return Behaviors.same();
    }

    private CommitQueue.Waiting appended(
            ActorRef<MeshMessage.AppendReply> replyTo, Head head, @Nullable Acceptance stopped) {
        return new CommitQueue.Waiting() {
            @Override
            public void durable() {
                replyTo.tell(new MeshMessage.Appended(head, stopped));
            }

            @Override
            public void unknown(String reason) {
                replyTo.tell(new MeshMessage.AppendFailed(reason));
            }

            @Override
            public void dropped(String reason) {
                replyTo.tell(new MeshMessage.AppendFailed(reason));
            }
        };
    }

    /** Of events so old that they are not in memory: asked for only when a home repeats what the replica has long had. */
    private Behavior<MeshMessage> readHashes(MeshMessage.Append message, List<Long> seqs) {
        context.pipeToSelf(
                region.reads().supply(() -> storedHashes(seqs)),
                (stored, failure) ->
                        stored == null ? new HashesUnread(message, failure) : new AppendWithHashes(message, stored));
        return Behaviors.same();
    }

    /** Blocks. */
    private Map<Long, Hash> storedHashes(List<Long> seqs) {
        Map<Long, Hash> stored = new HashMap<>();
        for (long seq : seqs) {
            if (!stored.containsKey(seq)) {
                region.reader()
                        .read(mesh, seq - 1, seqs.size())
                        .forEach(event -> stored.put(event.seq(), event.hash()));
            }
        }
        return stored;
    }

    private Behavior<MeshMessage> hashesUnread(HashesUnread unread) {
        unread.append().replyTo().tell(new MeshMessage.AppendFailed(Failures.reason(unread.failure())));
        return Behaviors.same();
    }

    private Behavior<MeshMessage> acknowledged(MeshMessage.Acknowledged acknowledged) {
        Head head = acknowledged.head();
        Optional<Hash> own = hashes.at(head.position().seq());
        // A region that holds something else at that place does not hold the write.
        if (own.isPresent() && own.get().equals(head.hash())) {
            syncWaiters.acknowledged(acknowledged.region(), head);
        }
        return Behaviors.same();
    }

    private Behavior<MeshMessage> getState(MeshMessage.GetState get) {
        LogState durable = queue.durable();
        get.replyTo()
                .tell(
                        durable.isReadable()
                                ? new MeshMessage.CurrentState(durable)
                                : new MeshMessage.StateFailed(unreadable(durable)));
        return Behaviors.same();
    }

    private void flush() {
        queue.take().ifPresent(batch -> log.tell(batch.toWrite()));
    }

    private Behavior<MeshMessage> written(SegmentedLog.Written written) {
        List<CommitQueue.Waiting> waiting = queue.committed(written.state());
        // The next batch is under way, and watchers know the head, before anybody hears of his answer.
        flush();
        region.heads().publish(queue.durable().head());
        waiting.forEach(CommitQueue.Waiting::durable);
        return stopping && queue.isIdle() ? stopped() : Behaviors.same();
    }

    private Behavior<MeshMessage> broken(String reason, boolean ended) {
        LOG.error("log failed, recovering from the journal at the next call: mesh={} reason=\"{}\"", mesh, reason);
        queue.fail(reason);
        syncWaiters.giveUp("the log then failed: " + reason);
        timers.cancelAll();
        return stopping ? Behaviors.stopped() : closed.apply(ended);
    }

    private Behavior<MeshMessage> stop() {
        stopping = true;
        return queue.isIdle() ? stopped() : Behaviors.same();
    }

    private Behavior<MeshMessage> stopped() {
        syncWaiters.giveUp("mesh " + mesh + " then moved to another node or came to rest");
        return Behaviors.stopped();
    }

    private Behavior<MeshMessage> expire() {
        syncWaiters.expire(System.nanoTime());
        if (syncWaiters.size() == 0) {
            timers.cancel(Tick.INSTANCE);
        }
        return Behaviors.same();
    }

    private void startTicking() {
        if (syncWaiters.size() > 0 && !timers.isTimerActive(Tick.INSTANCE)) {
            timers.startTimerWithFixedDelay(Tick.INSTANCE, Tick.INSTANCE, EXPIRY_TICK);
        }
    }

    private boolean isFull() {
        return queue.size() + syncWaiters.size() >= region.settings().maxWaiting()
                || queue.bytes() >= region.settings().maxWaitingBytes();
    }

    private static Behavior<MeshMessage> answer(MeshMessage.Execute message, CommandOutcome outcome) {
        message.replyTo().tell(new MeshMessage.Outcome(outcome));
        return Behaviors.same();
    }

    private static CommandOutcome.Unavailable unavailable(String message, Duration retryAfter) {
        return new CommandOutcome.Unavailable(message, retryAfter);
    }

    private String unreadable(LogState state) {
        return "this version cannot read the log of mesh " + mesh + " beyond position "
                + state.state().head().position() + " (its head is "
                + state.head().position()
                + "); upgrade region " + region.id();
    }
}
