package io.meridian.core.protocol;

import com.google.protobuf.util.Durations;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.core.protocol.ProtocolState.Move;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogState;
import java.util.Optional;

/**
 * Planned handover, driven by the old home: ACTIVE, DRAINING (HandoverStarted is in the log, no writes), and, once the target holds exactly that
 * head, SEALED, which is the commit point. Only the home gives it up, and only before the seal.
 */
final class Handovers {
    private final Turn turn;
    private final ProtocolState state;

    Handovers(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void start(Input.Handover asked) {
        if (turn.answerAgain(asked.token(), asked.origin(), asked.to())) {
            return;
        }
        Optional<Refused> refusal = refusal(asked);
        if (refusal.isPresent()) {
            turn.outputs.add(new Output.MoveRefused(asked.token(), refusal.get()));
            return;
        }
        Epoch epoch = state.judged().head().position().epoch();
        turn.queue.record(epoch, asked.origin(), new MeshEvent.HandoverStarted(asked.to()));
        Head started = state.judged().head();
        state.move = new Move(
                asked.token(),
                asked.origin(),
                asked.to(),
                turn.at.nowMillis(),
                started.position().seq(),
                false,
                Epoch.NONE,
                started);
        step("draining: no writes since position " + started.position());
    }

    private Optional<Refused> refusal(Input.Handover asked) {
        Role role = Roles.of(turn);
        if (state.run != null
                || state.move != null
                || state.judged().state().handover().isPresent()) {
            return Turn.refusal(Refused.Code.MOVE_IN_PROGRESS, "mesh " + turn.mesh() + " is being moved already");
        }
        if (role instanceof Role.Elsewhere(var epoch)) {
            return Turn.refusal(
                    Refused.Code.NOT_HOME,
                    "region " + turn.nameOf(epoch) + " is the home of mesh " + turn.mesh() + ", in epoch " + epoch
                            + ", not region " + turn.self());
        }
        if (!(role instanceof Role.Writer)) {
            return Turn.refusal(Refused.Code.UNAVAILABLE, role instanceof Role.Hold(var why) ? why : role.toString());
        }
        if (state.judged().head().isEmpty() || !state.judged().state().isActive()) {
            return Turn.refusal(Refused.Code.MESH_NOT_FOUND, "there is no mesh " + turn.mesh());
        }
        if (asked.to().equals(turn.self().name())) {
            return Turn.refusal(
                    Refused.Code.SAME_REGION,
                    "region " + asked.to() + " is the home of mesh " + turn.mesh() + " already");
        }
        Optional<PeerView> peer = turn.peer(asked.to());
        return peer.isEmpty()
                ? Turn.refusal(
                        Refused.Code.UNKNOWN_REGION,
                        "region " + turn.self() + " knows no region " + asked.to() + "; it knows "
                                + turn.at.peers().stream()
                                        .map(known -> known.id().name())
                                        .sorted()
                                        .toList())
                : refusal(peer.get());
    }

    private Optional<Refused> refusal(PeerView target) {
        RegionId to = target.id();
        Head head = state.judged().head();
        if (target.witness()) {
            return Turn.refusal(Refused.Code.WITNESS, "region " + to + " is a witness: it keeps no events");
        }
        if (!turn.members.contains(to)) {
            return Turn.refusal(
                    Refused.Code.NOT_A_MEMBER,
                    "region " + to + " is no member of mesh " + turn.mesh() + " (" + turn.members.since()
                            + "); let it join first");
        }
        if (!target.reachable()) {
            return Turn.refusal(Refused.Code.REGION_UNREACHABLE, "region " + to + " does not answer");
        }
        if (target.promised().compareTo(head.position().epoch()) > 0) {
            return Turn.refusal(
                    Refused.Code.FENCED,
                    "region " + to + " promised epoch " + target.promised() + " to region "
                            + turn.nameOf(target.promised()) + "; wait until that is settled");
        }
        long held = target.head().map(known -> known.position().seq()).orElse(0L);
        long lag = head.position().seq() - held;
        long most = turn.settings.limits().handoverLag();
        return lag > most
                ? Turn.refusal(
                        Refused.Code.REGION_LAGS,
                        "region " + to + " is " + lag + " events behind (at " + held + " of "
                                + head.position().seq() + "); a handover starts at " + most + " or fewer")
                : Optional.empty();
    }

    void settle() {
        resume();
        Move move = state.move;
        if (move == null) {
            return;
        }
        if (!move.successor().isNone()) {
            awaitOpening(move);
        } else if (!move.sealing()) {
            drain(move);
        } else {
            awaitSeal(move);
        }
    }

    /** A handover that the log says has begun and that nobody drives: the process died on the way. */
    private void resume() {
        LogState log = state.durable;
        if (state.move != null || state.run != null || !log.isReadable() || !state.isIdle()) {
            return;
        }
        if (!state.cleared) {
            // Perhaps the handover ended, and this region lost that with its disk: what it writes now would take the
            // place of it.
            return;
        }
        Optional<MeshState.Handover> begun = log.state().handover();
        if (begun.isPresent() && isOurs(log.head())) {
            state.move = new Move(
                    Run.NOBODY,
                    Origins.because("the handover was under way when region " + turn.self() + " started"),
                    begun.get().toRegion(),
                    turn.at.nowMillis(),
                    log.head().position().seq(),
                    false,
                    Epoch.NONE,
                    log.head());
        }
    }

    private boolean isOurs(Head head) {
        return head.position().epoch().regionIndex() == turn.self().index();
    }

    private void drain(Move move) {
        Epoch epoch = move.sealed().position().epoch();
        if (Turn.max(turn.highestKnown(), state.promised).compareTo(epoch) > 0) {
            refuse(move, Refused.Code.FENCED, "a failover in a later epoch came in between");
            return;
        }
        Optional<PeerView> target = turn.peer(move.to());
        boolean late = turn.at.nowMillis() - move.startedMillis()
                >= turn.settings.timing().handover().toMillis();
        boolean lost = target.isEmpty() || !target.get().reachable();
        if (isAcknowledged(move, target)) {
            seal(move, target.orElseThrow());
        } else if (late || lost) {
            abort(
                    move,
                    lost
                            ? "region " + move.to() + " does not answer any more"
                            : "region " + move.to() + " did not acknowledge position "
                                    + move.sealed().position() + " in time");
        }
    }

    private boolean isAcknowledged(Move move, Optional<PeerView> target) {
        Head held =
                target.isEmpty() ? null : state.acknowledged.get(target.get().id());
        return held != null
                && held.position().seq() >= move.acknowledgeSeq()
                && state.durable.head().position().seq() >= move.acknowledgeSeq();
    }

    private void seal(Move move, PeerView target) {
        Epoch epoch = move.sealed().position().epoch();
        Epoch next = Turn.max(epoch, target.promised()).next(target.id().index());
        turn.queue.record(
                epoch,
                anonymous(move),
                new MeshEvent.SegmentSealed(next, target.id().name()));
        step("region " + move.to() + " holds everything; sealing");
        state.move = new Move(
                move.token(),
                move.origin(),
                move.to(),
                move.startedMillis(),
                move.acknowledgeSeq(),
                true,
                Epoch.NONE,
                state.judged().head());
    }

    private void abort(Move move, String why) {
        turn.queue.record(
                move.sealed().position().epoch(), anonymous(move), new MeshEvent.HandoverAborted(move.to(), why));
        refuse(move, Refused.Code.ABORTED, why + "; the home stays in region " + turn.self());
    }

    /** The operator's command is in the log with HandoverStarted; what follows from it has no id of its own. */
    private static Origin anonymous(Move move) {
        Origin origin = move.origin();
        return new Origin("", origin.actor(), origin.reason(), origin.originRegion());
    }

    private void awaitSeal(Move move) {
        LogState log = state.durable;
        if (log.head().position().compareTo(move.sealed().position()) < 0) {
            return;
        }
        Optional<MeshState.Successor> successor = log.state().successor();
        if (successor.isPresent() && log.head().equals(move.sealed())) {
            step("sealed at position " + move.sealed().position());
            state.move = new Move(
                    move.token(),
                    move.origin(),
                    move.to(),
                    move.startedMillis(),
                    move.acknowledgeSeq(),
                    true,
                    successor.get().epoch(),
                    move.sealed());
        } else {
            // The log went on already.
            awaitOpening(move);
        }
    }

    private void awaitOpening(Move move) {
        Optional<Position> opened = opening(move);
        boolean late = turn.at.nowMillis() - move.startedMillis()
                >= 2 * turn.settings.timing().handover().toMillis();
        opened.ifPresent(
                position -> step("region " + turn.nameOf(position.epoch()) + " opened epoch " + position.epoch()));
        if (opened.isPresent() || late) {
            moved(move, opened);
        }
    }

    /** Writes pause no longer once any head is of the new epoch; the own log follows later. */
    private Optional<Position> opening(Move move) {
        Position held = state.durable.head().position();
        Position sealed = move.sealed().position();
        if (held.epoch().compareTo(sealed.epoch()) > 0) {
            return Optional.of(held);
        }
        // The epoch that the seal gave begins with its opening, right behind the seal.
        return !move.successor().isNone() && turn.highestKnown().equals(move.successor())
                ? Optional.of(new Position(turn.mesh(), move.successor(), sealed.seq() + 1))
                : Optional.empty();
    }

    private void moved(Move move, Optional<Position> opened) {
        state.move = null;
        if (move.token() == Run.NOBODY) {
            return;
        }
        turn.outputs.add(new Output.HomeMoved(
                move.token(),
                Moved.newBuilder()
                        .setPosition(opened.orElse(move.sealed().position()).toProto())
                        .setFromRegion(turn.self().name())
                        .setToRegion(opened.map(position -> turn.nameOf(position.epoch()))
                                .orElse(move.to()))
                        .setWriteGap(Durations.fromMillis(turn.at.nowMillis() - move.startedMillis()))
                        .setOpened(opened.isPresent())
                        .build()));
    }

    private void refuse(Move move, Refused.Code code, String message) {
        state.move = null;
        if (move.token() != Run.NOBODY) {
            turn.outputs.add(new Output.MoveRefused(move.token(), Turn.refused(code, message)));
        }
    }

    private void step(String what) {
        Move move = state.move;
        if (move != null && move.token() != Run.NOBODY) {
            turn.outputs.add(new Output.Moving(move.token(), what));
        }
    }

    void abandon(String why) {
        if (state.move != null) {
            refuse(state.move, Refused.Code.UNAVAILABLE, why);
        }
    }
}
