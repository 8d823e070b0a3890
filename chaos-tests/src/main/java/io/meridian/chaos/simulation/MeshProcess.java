package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Input;
import io.meridian.core.protocol.MeshProtocol;
import io.meridian.core.protocol.Moment;
import io.meridian.core.protocol.Output;
import io.meridian.core.protocol.ProtocolSettings;
import io.meridian.core.protocol.ProtocolState;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The mesh's entity in one region, from the opening of its log to its end: gives inputs to the protocol and carries out what that says. */
final class MeshProcess {
    /** Answers a question for a promise. */
    record PromiseReply(boolean granted, Head head, Epoch promised, String why, boolean witness, MembersNote members) {}

    private static final ProtocolSettings.Limits LIMITS = new ProtocolSettings.Limits(8, 1 << 20, 64, 1 << 22, 200, 25);
    private static final long TICK_MILLIS = 500;
    private static final long TICK_WHILE_BUSY_MILLIS = 50;
    private static final int REPORTED_EVENTS = 20;

    private final Region region;
    private final World world;
    private final MeshProtocol protocol;
    private final Journal journal;
    private final Deque<Input> inbox = new ArrayDeque<>();
    private final Map<Long, Consumer<Output>> callers = new HashMap<>();
    private ProtocolState state;
    private long tokens;
    private boolean stepping;
    private boolean ended;
    private long tickAtMillis = Long.MAX_VALUE;

    MeshProcess(Region region, Disk.Opened opened) {
        this.region = region;
        this.world = region.world;
        journal = new Journal(region, this);
        protocol = new MeshProtocol(
                new ProtocolSettings(
                        region.id,
                        region.isWitness(),
                        region.isInReserve(),
                        region.incarnation(),
                        LIMITS,
                        ProtocolSettings.Timing.DEFAULT),
                world.decider());
        boolean ownWork = region.incarnation().equals(opened.lastIncarnation());
        boolean cleared = ownWork || world.has(Mutant.LOST_TAIL_NOT_ASKED_FOR);
        state = ProtocolState.opened(
                opened.manifest(), Planted.opened(world, region, opened.state()), cleared, moment());
    }

    void begin() {
        take(new Input.Tick());
    }

    /** The process is no more: whoever waits is not answered. */
    void die() {
        ended = true;
        journal.die();
    }

    ProtocolState state() {
        return state;
    }

    // Inputs.

    void execute(CommandRequest request, Epoch expected, long deadlineMillis, Consumer<Output> caller) {
        take(new Input.Execute(token(caller), Planted.hurried(world, request), expected, deadlineMillis));
    }

    void append(Epoch sourceEpoch, List<EventEnvelope> envelopes, Consumer<Output> caller) {
        boolean raised = world.has(Mutant.OLD_EPOCH_ACCEPTED) && sourceEpoch.compareTo(state.promised()) < 0;
        Epoch told = raised ? state.promised() : sourceEpoch;
        Consumer<Output> judged = output -> {
            if (output instanceof Output.Appended appended) {
                Planted.refused(world, region, appended, envelopes);
            }
            caller.accept(output);
        };
        take(new Input.Append(token(judged), told, Planted.relayed(world, envelopes), Map.of()));
    }

    void acknowledged(RegionId by, Head head) {
        take(new Input.Acknowledged(by, head));
    }

    void promise(RegionId candidate, Epoch epoch, Position head, boolean automatic, Consumer<PromiseReply> reply) {
        if (world.has(Mutant.FENCED_HOME_WRITES)) {
            reply.accept(unasked(epoch));
            world.promised(region, epoch);
            return;
        }
        take(new Input.PromiseAsked(
                token(output -> {
                    if (output
                            instanceof
                            Output.PromiseAnswered(
                                    var token,
                                    var granted,
                                    var held,
                                    var promised,
                                    var witness,
                                    var members,
                                    var why)) {
                        if (granted) {
                            world.promised(region, epoch);
                        }
                        reply.accept(new PromiseReply(granted, held, promised, why, witness, members));
                    }
                }),
                candidate.name(),
                epoch,
                head,
                automatic));
    }

    private PromiseReply unasked(Epoch epoch) {
        Position none = Position.before(world.mesh());
        MembersNote nothing = new MembersNote(none, none, List.of(), Head.empty(world.mesh()));
        return new PromiseReply(true, region.disk.head(), epoch, "", false, nothing);
    }

    void noteMembers(RegionId home, MembersNote note, Consumer<Position> reply) {
        take(new Input.MembersTold(
                token(output -> {
                    if (output instanceof Output.MembersKept(var token, var at, var whyNot)) {
                        reply.accept(at);
                    }
                }),
                home.name(),
                note));
    }

    void lease(Epoch epoch, long lengthMillis, Consumer<Boolean> reply) {
        take(new Input.LeaseAsked(
                token(output -> {
                    if (output instanceof Output.LeaseGiven given) {
                        reply.accept(given.granted());
                    }
                }),
                epoch,
                lengthMillis));
    }

    void report(String origin, Head fork, List<EventEnvelope> envelopes, Optional<Hash> ownAtFork) {
        take(new Input.BranchReported(token(output -> {}), origin, fork, envelopes, ownAtFork));
    }

    void handover(Origin origin, RegionId to, Consumer<Output> caller) {
        take(new Input.Handover(token(caller), origin, to.name()));
        if (world.has(Mutant.SEAL_WITHOUT_ACKNOWLEDGEMENT)) {
            region.after(40, () -> acknowledged(to, region.disk.head()));
        }
    }

    void failover(Origin origin, boolean withoutMajority, Consumer<Output> caller) {
        take(new Input.Failover(token(caller), origin, withoutMajority || world.has(Mutant.MAJORITY_WAIVED)));
    }

    void written() {
        Epoch before = state.manifest().promised();
        Optional<MembersNote> noted = state.manifest().noted();
        take(new Input.Written());
        if (!ended && !state.manifest().noted().equals(noted)) {
            region.membersNoted();
        }
        if (!ended && !state.manifest().promised().equals(before)) {
            region.say();
        }
    }

    void broken(String why) {
        if (!ended) {
            world.trace(() -> region.id + " lost its journal: " + why);
            ended = true;
            protocol.abandon(state, moment(), why).forEach(this::carryOut);
            callers.clear();
            region.reopen();
        }
    }

    void failNextWrite(boolean fails) {
        journal.failNext(fails);
    }

    private long token(Consumer<Output> caller) {
        callers.put(++tokens, caller);
        return tokens;
    }

    // Steps.

    /** One after the other, whatever comes of one. */
    private void take(Input input) {
        if (ended) {
            return;
        }
        inbox.add(input);
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            while (!inbox.isEmpty() && !ended) {
                Input next = inbox.remove();
                MeshProtocol.Step step = protocol.step(state, moment(), next);
                state = step.state();
                if (!(next instanceof Input.Tick && step.outputs().isEmpty())) {
                    world.trace(() -> region.id + " <- " + Words.of(next));
                }
                step.outputs().forEach(this::carryOut);
            }
        } finally {
            stepping = false;
        }
        tickAsDue();
    }

    private void tickAsDue() {
        if (ended) {
            return;
        }
        boolean busy = state.isMoving() || state.waiting() > 0;
        long due = world.nowMillis() + (busy ? TICK_WHILE_BUSY_MILLIS : TICK_MILLIS);
        if (due < tickAtMillis) {
            tickAtMillis = due;
            region.after(due - world.nowMillis(), () -> {
                if (tickAtMillis <= world.nowMillis()) {
                    tickAtMillis = Long.MAX_VALUE;
                    take(new Input.Tick());
                }
            });
        }
    }

    private Moment moment() {
        long now = world.has(Mutant.WALL_CLOCK_LEASE)
                ? region.clock.wall().toEpochMilli()
                : region.clock.monotonicMillis();
        return new Moment(now, region.clock.wall(), Planted.views(world, region));
    }

    // Outputs.

    private void carryOut(Output output) {
        world.trace(() -> region.id + " -> " + Words.of(output));
        switch (output) {
            case Output.Reopen(var why) -> broken(why);
            case Output.Write write -> journal.write(write);
            case Output.HeadMoved moved -> region.headMoved();
            case Output.ReadHashes(var append, var seqs) -> readHashes(append, seqs);
            case Output.Unjudged(var token, var fault) ->
                throw new InvariantViolation("TOTAL", "a command could not be judged: " + fault, fault);
            case Output.Notice notice -> {
                if (notice.message().contains(" goes on with mesh ")) {
                    world.facts().wentOnAlone();
                }
            }
            case Output.Moving moving -> {}
            case Output.AskPromise ask -> ask(ask);
            case Output.AskLease ask -> ask(ask);
            case Output.TellMembers tell -> tell(tell);
            case Output.MembersKept kept -> answer(kept.token(), output);
            case Output.Fetch fetch -> fetch(fetch);
            case Output.ReportTail report -> report(report);
            case Output.Answer(var token, var outcome) -> {
                world.answered(region, outcome);
                answer(token, output);
            }
            case Output.NotHome(var token, var epoch) -> answer(token, output);
            case Output.Appended(var token, var head, var stopped) -> answer(token, output);
            case Output.AppendFailed(var token, var why) -> answer(token, output);
            case Output.HomeMoved(var token, var moved) -> answer(token, output);
            case Output.MoveRefused(var token, var refused) -> answer(token, output);
            case Output.PromiseAnswered answered -> answer(answered.token(), output);
            case Output.LeaseGiven given -> answer(given.token(), output);
            case Output.BranchAnswered answered -> answer(answered.token(), output);
        }
    }

    private void answer(long token, Output output) {
        Consumer<Output> caller = callers.remove(token);
        if (caller != null) {
            caller.accept(output);
        }
    }

    private void readHashes(Input.Append append, List<Long> seqs) {
        region.after(2, () -> {
            Map<Long, Hash> hashes = new HashMap<>(append.stored());
            seqs.forEach(seq -> hashes.put(seq, region.disk.hashAt(seq).orElse(Hash.ZERO)));
            take(new Input.Append(append.token(), append.sourceEpoch(), append.envelopes(), hashes));
        });
    }

    private void ask(Output.AskPromise ask) {
        region.<PromiseReply>call(
                world.placeOf(ask.region()),
                (target, reply) -> target.promise(region.place, ask.epoch(), ask.head(), ask.automatic(), reply),
                1_000,
                answer -> take(
                        answer.granted()
                                ? new Input.PromiseGranted(
                                        ask.region(),
                                        ask.epoch(),
                                        world.has(Mutant.GRANTED_HEADS_IGNORED)
                                                ? Head.empty(world.mesh())
                                                : answer.head(),
                                        answer.witness(),
                                        answer.members())
                                : new Input.PromiseRefused(ask.region(), ask.epoch(), answer.promised(), answer.why())),
                why -> refused(ask, why));
    }

    private void refused(Output.AskPromise ask, String why) {
        OptionalInt stranger = world.has(Mutant.STRANGER_COUNTED) ? Planted.stranger(world, this) : OptionalInt.empty();
        if (stranger.isEmpty()) {
            take(new Input.PromiseMissing(ask.region(), ask.epoch(), why));
            return;
        }
        region.<PromiseReply>call(
                stranger.getAsInt(),
                (target, reply) -> {
                    if (target.process() != null) {
                        reply.accept(target.process().unasked(ask.epoch()));
                    }
                },
                1_000,
                answer -> take(new Input.PromiseGranted(
                        ask.region(), ask.epoch(), answer.head(), answer.witness(), answer.members())),
                silence -> take(new Input.PromiseMissing(ask.region(), ask.epoch(), silence)));
    }

    private void tell(Output.TellMembers tell) {
        region.<Position>call(
                world.placeOf(tell.region()),
                (target, reply) -> target.noteMembers(region.place, tell.note(), reply),
                1_000,
                at -> take(new Input.MembersKept(tell.region(), at)),
                why -> {});
    }

    private void ask(Output.AskLease ask) {
        region.<Boolean>call(
                world.placeOf(ask.region()),
                (target, reply) -> target.lease(region.place, ask.epoch(), ask.lengthMillis(), reply),
                ask.lengthMillis(),
                granted -> take(new Input.LeaseAnswered(ask.region(), ask.epoch(), granted, ask.sentAtMillis())),
                why -> {});
    }

    private void fetch(Output.Fetch fetch) {
        region.<List<EventEnvelope>>call(
                world.placeOf(fetch.region()),
                (target, reply) -> reply.accept(target.disk.read(fetch.afterSeq(), fetch.max())),
                3_000,
                envelopes -> take(new Input.Fetched(fetch.region(), fetch.afterSeq(), envelopes)),
                why -> take(new Input.FetchFailed(fetch.region(), why)));
    }

    private void report(Output.ReportTail report) {
        if (world.has(Mutant.TAIL_NOT_REPORTED)) {
            return;
        }
        List<EventEnvelope> events = region.disk.readTail(report.tail(), report.afterSeq(), REPORTED_EVENTS);
        Head fork = report.tail().fork();
        if (report.home().equals(region.id.name())) {
            region.after(1, () -> region.report(region.id.name(), fork, events));
            return;
        }
        world.placeOf(report.home())
                .ifPresent(home -> region.tell(home, target -> target.report(region.id.name(), fork, events)));
    }
}
