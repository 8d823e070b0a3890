package io.meridian.core.protocol;

import io.meridian.core.protocol.ProtocolState.Held;
import io.meridian.core.protocol.ProtocolState.Syncing;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The home's write path: deduplicate, validate, see that the epoch stands, persist, wait for replicas, see again that the epoch stands, answer.
 * Writes that come while the home is on its way are held rather than refused.
 */
final class Writes {
    private final Turn turn;
    private final ProtocolState state;

    Writes(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void execute(Input.Execute execute) {
        if (turn.queue.isFull()) {
            answer(
                    execute.token(),
                    Turn.unavailable("mesh " + turn.mesh() + " has " + state.waiting() + " calls and "
                            + state.queuedBytes + " bytes waiting; slow down"));
            return;
        }
        long deadline = Math.min(
                execute.deadlineMillis(),
                turn.at.nowMillis() + turn.settings.timing().hold().toMillis());
        Held call = new Held(execute.token(), execute.request(), execute.expected(), deadline);
        // Those that came before go first.
        if (!state.held.isEmpty() || !go(call, execute.deadlineMillis())) {
            state.held = state.held.plus(call);
        }
    }

    /** False if it has to wait. */
    private boolean go(Held call, long deadlineMillis) {
        switch (role(call)) {
            case Role.Writer(var epoch) -> judge(call, epoch, deadlineMillis);
            case Role.Elsewhere(var epoch) -> turn.outputs.add(new Output.NotHome(call.token(), epoch));
            case Role.Fenced(var why) -> answer(call.token(), Turn.unavailable(why));
            case Role.Hold hold -> {
                return false;
            }
        }
        return true;
    }

    /**
     * A region that knows of a later epoch of ours is right: we are about to learn of it, or lost it with our disk. Unless nobody holds anything: then it knows
     * of a promise, and what was to become of it is lost.
     */
    private Role role(Held call) {
        Role role = Roles.of(turn);
        Epoch expected = call.expected();
        Head head = state.judged().head();
        boolean ours = expected.regionIndex() == turn.self().index() && !expected.isNone();
        boolean begins = role instanceof Role.Writer
                && head.isEmpty()
                && turn.members.unheardHolders().isEmpty();
        boolean takesPart = role instanceof Role.Elsewhere || role instanceof Role.Writer;
        return ours && expected.compareTo(head.position().epoch()) > 0 && takesPart && !begins
                ? new Role.Hold("region " + turn.self() + " has yet to learn that it is the home of mesh " + turn.mesh()
                        + " in epoch " + expected)
                : role;
    }

    private void judge(Held call, Epoch epoch, long deadlineMillis) {
        CommandRequest request = turn.members.informed(call.request());
        boolean majority = Members.needsMajority(request);
        MeshState before = state.judged().state();
        io.meridian.model.mesh.Turn judged;
        try {
            judged = turn.home.take(before, request, turn.writer(epoch));
        } catch (RuntimeException fault) {
            turn.outputs.add(new Output.Unjudged(call.token(), fault));
            return;
        }
        switch (judged) {
            case io.meridian.model.mesh.Turn.Answered(var outcome) -> {
                int replicas = request.validateOnly() ? 0 : Durabilities.replicas(before, before);
                turn.queue.whenDurable(new Waiting.Command(
                        call.token(), request.commandId(), outcome, epoch, replicas, majority, deadlineMillis));
            }
            case io.meridian.model.mesh.Turn.Commit(var envelopes, var next, var outcome) -> {
                if (before.head().isEmpty()) {
                    state.cleared = true;
                }
                turn.queue.add(envelopes, LogState.of(next));
                turn.queue.whenDurable(new Waiting.Command(
                        call.token(),
                        request.commandId(),
                        outcome,
                        epoch,
                        Durabilities.replicas(before, next),
                        majority,
                        deadlineMillis));
            }
        }
    }

    void durable(Waiting.Command command) {
        if (!(command.outcome() instanceof CommandOutcome.Accepted accepted)) {
            answer(command.token(), command.outcome());
        } else if (isSuperseded(command.epoch())) {
            unknown(command, "epoch " + command.epoch() + " was lost before region " + turn.self() + " could answer");
        } else if (isSafe(command, accepted.position().seq())) {
            answer(command.token(), accepted);
        } else {
            state.syncing =
                    state.syncing.plus(new Syncing(command, accepted.position().seq()));
        }
    }

    /** Whether a later epoch may be in force without what was written in {@code epoch}. */
    private boolean isSuperseded(Epoch epoch) {
        Epoch judged = state.judged().head().position().epoch();
        return Turn.max(Turn.max(turn.highestKnown(), state.promised), judged).compareTo(epoch) > 0;
    }

    /**
     * Whether this region may say that the write is in force. A lease that ran out, or that the write itself made necessary, may come yet: who grants it
     * has promised no later epoch.
     */
    private boolean isSafe(Waiting.Command command, long seq) {
        return turn.leases.valid(command.epoch())
                && isHeldBy(command.replicas(), seq)
                && (!command.majority() || turn.members.isSettled());
    }

    void unknown(Waiting.Command command, String why) {
        boolean accepted = command.outcome() instanceof CommandOutcome.Accepted;
        answer(
                command.token(),
                accepted ? new CommandOutcome.Unknown(command.commandId(), why) : Turn.unavailable(why));
    }

    void answer(long token, CommandOutcome outcome) {
        if (token != Run.NOBODY) {
            turn.outputs.add(new Output.Answer(token, outcome));
        }
    }

    private boolean isHeldBy(int replicas, long seq) {
        return state.acknowledged.entrySet().stream()
                        .filter(held -> held.getValue().position().seq() >= seq)
                        .filter(held -> turn.members.counts(held.getKey()))
                        .count()
                >= replicas;
    }

    void settle() {
        settleHeld();
        settleSyncing();
    }

    private void settleHeld() {
        PVector<Held> waiting = state.held;
        state.held = TreePVector.empty();
        boolean stuck = false;
        for (Held call : waiting) {
            if (!stuck && go(call, call.deadlineMillis())) {
                continue;
            }
            stuck = true;
            if (turn.at.nowMillis() >= call.deadlineMillis()) {
                String why = role(call) instanceof Role.Hold(var hold) ? hold : "mesh " + turn.mesh() + " is busy";
                answer(call.token(), Turn.unavailable(why));
            } else {
                state.held = state.held.plus(call);
            }
        }
    }

    private void settleSyncing() {
        if (state.syncing.isEmpty()) {
            return;
        }
        PVector<Syncing> rest = TreePVector.empty();
        for (Syncing waiter : state.syncing) {
            Waiting.Command command = waiter.command();
            if (isSuperseded(command.epoch())) {
                unknown(command, "epoch " + command.epoch() + " was lost before other regions acknowledged the write");
            } else if (isSafe(command, waiter.seq())) {
                answer(command.token(), command.outcome());
            } else if (turn.at.nowMillis() >= command.deadlineMillis()) {
                unknown(command, durableHereOnly(command));
            } else {
                rest = rest.plus(waiter);
            }
        }
        state.syncing = rest;
    }

    private String durableHereOnly(Waiting.Command command) {
        Head head = state.durable.head();
        String before = "the write is durable in region " + turn.self() + " (at position " + head.position()
                + " by now), but its deadline passed before ";
        if (!turn.leases.valid(command.epoch())) {
            return before + "a majority of voters granted a lease";
        }
        if (command.majority() && !turn.members.isSettled()) {
            return before + "a majority of the members held it";
        }
        return before + command.replicas() + " other region(s) acknowledged it; acknowledged so far: "
                + state.acknowledged.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue().position())
                        .sorted()
                        .toList();
    }

    void abandon(String why) {
        state.syncing.forEach(waiter -> unknown(waiter.command(), why));
        state.syncing = TreePVector.empty();
        state.held.forEach(call -> answer(call.token(), Turn.unavailable(why)));
        state.held = TreePVector.empty();
    }
}
