package io.meridian.core.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.core.protocol.Input;
import io.meridian.core.protocol.MeshProtocol;
import io.meridian.core.protocol.Moment;
import io.meridian.core.protocol.Output;
import io.meridian.core.protocol.PeerView;
import io.meridian.core.protocol.ProtocolState;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
 * A mesh in this region once its log is open. What it does is decided by {@link MeshProtocol}; here messages become inputs and outputs are carried
 * out. {@link SegmentedLog} owns what is durable. Opened by {@link MeshOpening}.
 */
final class MeshEntity {
    private static final Logger LOG = LoggerFactory.getLogger(MeshEntity.class);
    private static final Duration RETRY_WHEN_MOVED = Duration.ofMillis(500);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration TICK_WHILE_BUSY = Duration.ofMillis(50);

    /** Time went on. */
    private enum Tick implements MeshMessage.Internal {
        INSTANCE
    }

    /** What an output led to. */
    private record Heard(Input input) implements MeshMessage.Internal {}

    /** What a call needs could not be read. */
    private record Unread(long token, Throwable failure) implements MeshMessage.Internal {}

    private final ActorContext<MeshMessage> context;
    private final TimerScheduler<MeshMessage> timers;
    private final Region region;
    private final MeshId mesh;
    private final ActorRef<SegmentedLog.Message> log;
    private final Function<Boolean, Behavior<MeshMessage>> closed;
    private final MeshProtocol protocol;
    private final PeerTraffic traffic;
    private final Callers callers = new Callers();
    private ProtocolState state;
    private Duration ticking = Duration.ZERO;
    private boolean stopping;
    private @Nullable String reopening;

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
        protocol = new MeshProtocol(region.protocol(), region.decider());
        traffic = new PeerTraffic(region, mesh, input -> context.getSelf().tell(new Heard(input)), context.getSelf());
        boolean ownWork = region.incarnation().equals(opened.lastIncarnation());
        state = ProtocolState.opened(opened.manifest(), opened.state(), ownWork, moment());
    }

    Behavior<MeshMessage> behavior() {
        step(new Input.Tick());
        return Behaviors.receive(MeshMessage.class)
                .onMessage(MeshMessage.Execute.class, this::execute)
                .onMessage(MeshMessage.Append.class, this::append)
                .onMessage(MeshMessage.Acknowledged.class, this::acknowledged)
                .onMessage(MeshMessage.Call.class, this::call)
                .onMessage(MeshMessage.GetState.class, this::getState)
                .onMessage(Heard.class, heard -> step(heard.input()))
                .onMessage(Unread.class, this::unread)
                .onMessage(SegmentedLog.Written.class, written -> written())
                .onMessage(SegmentedLog.Broken.class, broken -> broken(broken.reason(), false))
                .onMessage(Tick.class, tick -> step(new Input.Tick()))
                .onMessage(MeshMessage.Poke.class, poke -> step(new Input.Tick()))
                .onMessage(MeshMessage.Stop.class, stop -> stop())
                .onSignal(Terminated.class, signal -> broken("its log ended", true))
                .build();
    }

    private Behavior<MeshMessage> execute(MeshMessage.Execute message) {
        if (stopping) {
            message.replyTo().tell(new MeshMessage.Outcome(new CommandOutcome.Unavailable(moving(), RETRY_WHEN_MOVED)));
            return Behaviors.same();
        }
        long deadline = nowMillis() + message.timeout().toMillis();
        return step(
                new Input.Execute(callers.command(message.replyTo()), message.request(), message.expected(), deadline));
    }

    private Behavior<MeshMessage> append(MeshMessage.Append message) {
        if (stopping) {
            message.replyTo().tell(new MeshMessage.AppendFailed(moving()));
            return Behaviors.same();
        }
        return step(new Input.Append(
                callers.append(message.replyTo()), message.sourceEpoch(), message.envelopes(), Map.of()));
    }

    private Behavior<MeshMessage> acknowledged(MeshMessage.Acknowledged acknowledged) {
        region.peers()
                .byName(acknowledged.region())
                .filter(peer -> !peer.witness())
                .ifPresent(peer -> step(new Input.Acknowledged(peer.id(), acknowledged.head())));
        return Behaviors.same();
    }

    private Behavior<MeshMessage> call(MeshMessage.Call call) {
        if (stopping) {
            call.replyTo().tell(new MeshMessage.CallFailed(moving()));
            return Behaviors.same();
        }
        Message request = call.request();
        try {
            if (request instanceof ReportBranchRequest report
                    && report.getFork().getPosition().getSeq() > 0) {
                reportBranch(call, report);
                return Behaviors.same();
            }
            return step(input(call, request));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            call.replyTo().tell(new MeshMessage.CallFailed("the request cannot be read: " + e.getMessage()));
            return Behaviors.same();
        }
    }

    private Input input(MeshMessage.Call call, Message request) throws InvalidProtocolBufferException {
        return switch (request) {
            case PromiseRequest asked -> CallInputs.promise(callers.call(call.replyTo()), asked);
            case NoteMembersRequest told -> CallInputs.members(callers.call(call.replyTo()), told);
            case LeaseRequest asked -> CallInputs.lease(callers.call(call.replyTo()), asked);
            case HandoverRequest asked -> CallInputs.handover(callers.move(call.replyTo(), nowMillis()), asked);
            case FailoverRequest asked -> CallInputs.failover(callers.move(call.replyTo(), nowMillis()), asked);
            case ReportBranchRequest asked -> CallInputs.branch(callers.call(call.replyTo()), asked, Optional.empty());
            default ->
                throw new IllegalArgumentException(
                        "not a call: " + request.getDescriptorForType().getName());
        };
    }

    /** The own hash at the fork is looked up first: the branch must part from this log. */
    private void reportBranch(MeshMessage.Call call, ReportBranchRequest report) {
        long fork = report.getFork().getPosition().getSeq();
        long token = callers.call(call.replyTo());
        context.pipeToSelf(
                region.reads()
                        .supply(() -> region.reader().read(mesh, fork - 1, 1).stream()
                                .filter(event -> event.seq() == fork)
                                .map(EventEnvelope::hash)
                                .findFirst()),
                (own, failure) -> {
                    try {
                        return new Heard(CallInputs.branch(token, report, own == null ? Optional.empty() : own));
                    } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
                        return new Unread(token, e);
                    }
                });
    }

    private Behavior<MeshMessage> getState(MeshMessage.GetState get) {
        LogState durable = state.durable();
        get.replyTo()
                .tell(
                        durable.isReadable()
                                ? new MeshMessage.CurrentState(durable)
                                : new MeshMessage.StateFailed(
                                        "this version cannot read the log of mesh " + mesh + " beyond position "
                                                + durable.state().head().position() + "; upgrade this region"));
        return Behaviors.same();
    }

    private Behavior<MeshMessage> written() {
        step(new Input.Written());
        region.heads().recorded(state.manifest());
        if (reopening != null) {
            return reopen(reopening);
        }
        return stopping && state.isIdle() ? stopped() : Behaviors.same();
    }

    private Behavior<MeshMessage> step(Input input) {
        MeshProtocol.Step step = protocol.step(state, moment(), input);
        state = step.state();
        step.outputs().forEach(this::carryOut);
        tickAsDue();
        return Behaviors.same();
    }

    private void carryOut(Output output) {
        switch (output) {
            case Output.Reopen(var why) -> reopening = why;
            case Output.Write write -> log.tell(new SegmentedLog.Write(write));
            case Output.HeadMoved(var head) -> region.heads().publish(head);
            case Output.ReadHashes(var append, var seqs) -> readHashes(append, seqs);
            case Output.Unjudged(var token, var fault) -> {
                // The core is total: this is a fault of ours. One command must not take the mesh down with it.
                LOG.error("command could not be judged: mesh={}", mesh, fault);
                callers.unjudged(token, fault);
            }
            case Output.Notice(var level, var message) -> {
                switch (level) {
                    case INFO -> LOG.info("{}", message);
                    case WARN -> LOG.warn("{}", message);
                }
            }
            case Output.AskPromise ask -> traffic.ask(ask);
            case Output.AskLease ask -> traffic.ask(ask);
            case Output.TellMembers tell -> traffic.tell(tell);
            case Output.MembersKept kept -> callers.members(kept);
            case Output.Fetch fetch -> traffic.fetch(fetch);
            case Output.ReportTail report -> traffic.report(report);
            case Output.Answer answer -> callers.answer(answer);
            case Output.NotHome(var token, var epoch) -> callers.notHome(token, epoch);
            case Output.Appended appended -> callers.appended(appended);
            case Output.AppendFailed(var token, var why) -> callers.appendFailed(token, why);
            case Output.Moving(var token, var what) -> callers.moving(token, what, nowMillis());
            case Output.HomeMoved(var token, var moved) -> callers.moved(token, moved);
            case Output.MoveRefused(var token, var refused) -> callers.refused(token, refused);
            case Output.PromiseAnswered answered -> callers.promise(answered);
            case Output.LeaseGiven given -> callers.lease(given);
            case Output.BranchAnswered answered -> callers.branch(answered);
        }
    }

    /** Of events so old that they are not in memory: asked for only when a home repeats what the replica has long had. */
    private void readHashes(Input.Append append, List<Long> seqs) {
        context.pipeToSelf(
                region.reads().supply(() -> storedHashes(seqs)),
                (stored, failure) -> stored == null
                        ? new Unread(append.token(), failure)
                        : new Heard(new Input.Append(
                                append.token(), append.sourceEpoch(), append.envelopes(), merged(append, stored))));
    }

    private static Map<Long, Hash> merged(Input.Append append, Map<Long, Hash> stored) {
        Map<Long, Hash> all = new HashMap<>(append.stored());
        all.putAll(stored);
        return all;
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
            // What the journal does not have is not equal to anything.
            stored.putIfAbsent(seq, Hash.ZERO);
        }
        return stored;
    }

    private Behavior<MeshMessage> unread(Unread unread) {
        callers.failed(unread.token(), Failures.reason(unread.failure()));
        return Behaviors.same();
    }

    private Behavior<MeshMessage> broken(String reason, boolean ended) {
        LOG.error("log failed, recovering from the journal at the next call: mesh={} reason=\"{}\"", mesh, reason);
        protocol.abandon(state, moment(), reason).forEach(this::carryOut);
        callers.failAll(reason);
        timers.cancelAll();
        return stopping ? Behaviors.stopped() : closed.apply(ended);
    }

    /** The journal holds another branch than the memory: it is read back at once, since nobody else may ask for it. */
    private Behavior<MeshMessage> reopen(String why) {
        LOG.info("log is read back: mesh={} reason=\"{}\"", mesh, why);
        protocol.abandon(state, moment(), why).forEach(this::carryOut);
        callers.failAll(why);
        timers.cancelAll();
        context.stop(log);
        context.getSelf().tell(MeshMessage.Poke.INSTANCE);
        return stopping ? Behaviors.stopped() : closed.apply(false);
    }

    private Behavior<MeshMessage> stop() {
        stopping = true;
        return state.isIdle() ? stopped() : Behaviors.same();
    }

    private Behavior<MeshMessage> stopped() {
        protocol.abandon(state, moment(), moving()).forEach(this::carryOut);
        callers.failAll(moving());
        return Behaviors.stopped();
    }

    private String moving() {
        return "mesh " + mesh + " moves to another node or comes to rest";
    }

    private void tickAsDue() {
        Duration due = state.isMoving() || state.waiting() > 0 ? TICK_WHILE_BUSY : TICK;
        if (!due.equals(ticking)) {
            ticking = due;
            timers.startTimerWithFixedDelay(Tick.INSTANCE, Tick.INSTANCE, due);
        }
    }

    private Moment moment() {
        List<PeerView> peers = region.peers().peers().stream()
                .map(peer -> new PeerView(
                        peer.id(),
                        peer.witness(),
                        peer.reachable(),
                        peer.heard(),
                        peer.lastKnownHead(mesh),
                        peer.promised(mesh),
                        peer.reserve()))
                .toList();
        return new Moment(nowMillis(), region.clock().instant(), peers);
    }

    private static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
