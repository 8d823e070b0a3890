package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.SenderState.Claim;
import io.meridian.replicator.core.SenderState.Claims;
import io.meridian.replicator.core.SenderState.Flow;
import io.meridian.replicator.core.SenderState.Opened;
import io.meridian.replicator.core.SenderState.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.pcollections.PSortedMap;

/**
 * The followed side of one (mesh, replica): finds the opened head in the own log, then sends what follows it, read from the journal and
 * never kept, at most {@code credits} events ahead of the last acknowledgement. A head that the own branch went on without is answered with
 * the place where the two branches part. Any region serves the log that it holds; only the home counts acknowledgements.
 *
 * <p>Pure; an instance has no state.
 */
public final class Sender {
    private final RegionId self;
    private final SenderSettings settings;

    public Sender(RegionId self, SenderSettings settings) {
        this.self = self;
        this.settings = settings;
    }

    /** The state of a stream that a replica just opened. Next it wants to hear the log's head. */
    public SenderState open(Moment at, Opened opened, int credits) {
        return SenderState.opened(opened, clamp(credits), at.nowMillis());
    }

    public Step<SenderState, SenderOutput> step(SenderState state, Moment at, SenderInput input) {
        Turn turn = new Turn(state, at);
        if (!(state.phase() instanceof Phase.Closed)) {
            switch (input) {
                case SenderInput.LogHead(var head) -> turn.logHead(head);
                case SenderInput.Read(var envelopes) -> turn.read(envelopes);
                case SenderInput.ReadFailed(var reason) -> turn.fail("the log cannot be read: " + reason);
                case SenderInput.Branch(var head, var lineage) -> turn.branch(head, lineage);
                case SenderInput.BranchFailed(var reason) -> turn.fail("the log's lineage cannot be read: " + reason);
                case SenderInput.Acknowledged(var head, var credits) -> turn.acknowledged(head, clamp(credits));
                case SenderInput.Sent(var writable) -> turn.transport(writable);
                case SenderInput.TransportReady() -> turn.transportReady();
                case SenderInput.Tick() -> turn.tick();
            }
        }
        return new Step<>(turn.state, turn.outputs);
    }

    private int clamp(int credits) {
        return Math.clamp(credits, 0, settings.maxCredits());
    }

    /** One step in the making. */
    private final class Turn {
        private SenderState state;
        private final Moment at;
        private final List<SenderOutput> outputs = new ArrayList<>();

        Turn(SenderState state, Moment at) {
            this.state = state;
            this.at = at;
        }

        void logHead(Head head) {
            Head known = state.logHead();
            if (known != null && head.position().compareTo(known.position()) <= 0) {
                // Reads run ahead of the watch.
                return;
            }
            state = state.withLogHead(head);
            switch (state.phase()) {
                case Phase.Checking checking -> {
                    if (!state.reading()) {
                        check(head);
                    }
                }
                case Phase.Streaming streaming -> {
                    if (known != null && !known.isEmpty() && !epochsEqual(known, head)) {
                        // Perhaps behind an earlier seq than what was sent, and a read may be under way that does not
                        // know of it.
                        fail("the log went on in epoch " + head.position().epoch());
                    } else {
                        lookUpClaim();
                        pump();
                    }
                }
                case Phase.AskingBranch asking -> {}
                case Phase.ReadingFork reading -> {}
                case Phase.Closed closed -> {}
            }
        }

        private static boolean epochsEqual(Head one, Head other) {
            return one.position().epoch().equals(other.position().epoch());
        }

        private void check(Head log) {
            Position opened = opened().position();
            if (opened.seq() == 0) {
                stream();
            } else if (log.position().compareTo(opened) < 0) {
                // Ahead of the log: perhaps its owner is still recovering. See tick.
                return;
            } else if (log.position().seq() < opened.seq()) {
                askBranch();
            } else if (log.position().seq() == opened.seq()) {
                compare(log);
            } else {
                state = state.withReading(true);
                outputs.add(new SenderOutput.ReadLog(opened.seq() - 1, 1));
            }
        }

        /** {@code own}: the own event at the seq of the opened head. */
        private void compare(Head own) {
            if (own.equals(opened())) {
                stream();
            } else if (!epochsEqual(knownHead(), opened()) && state.phase() instanceof Phase.Checking) {
                askBranch();
            } else {
                diverged(
                        own,
                        "the replica's head " + opened().position() + " (" + opened().hash()
                                + ") is not on this log's branch");
            }
        }

        /** The own log's epoch is later: it went on without some of the replica's events. */
        private void askBranch() {
            state = state.in(new Phase.AskingBranch());
            outputs.add(new SenderOutput.ReadBranch());
        }

        void branch(Head own, Lineage lineage) {
            if (!(state.phase() instanceof Phase.AskingBranch)) {
                return;
            }
            Position opened = opened().position();
            Lineage theirs = state.opened().lineage();
            if (!theirs.holds(opened, opened)) {
                fail("the replica's head " + opened + " is not on the branch that it claims to have: " + theirs);
                return;
            }
            if (own.position().compareTo(knownHead().position()) < 0) {
                fail("the log's lineage was read at " + own.position() + ", behind its head "
                        + knownHead().position());
                return;
            }
            long fork = Lineage.fork(lineage, own.position().seq(), theirs, opened.seq());
            if (fork == 0) {
                forked(Head.empty(opened.mesh()));
            } else {
                state = state.in(new Phase.ReadingFork(fork)).withReading(true);
                outputs.add(new SenderOutput.ReadLog(fork - 1, 1));
            }
        }

        private void ownAtFork(Head own) {
            Position opened = opened().position();
            if (!own.position()
                    .epoch()
                    .equals(state.opened().lineage().epochAt(own.position().seq()))) {
                fail("the log went over to another branch while it was compared");
            } else if (own.position().seq() < opened.seq()) {
                forked(own);
            } else {
                compare(own);
            }
        }

        private void stream() {
            state = state.in(new Phase.Streaming());
            if (!opened().isEmpty()) {
                tellAcknowledged(opened());
            }
            // At once rather than after a second: the replica learns that it is heard, and how far behind it is.
            progress();
            pump();
        }

        void read(List<EventEnvelope> envelopes) {
            state = state.withReading(false);
            switch (state.phase()) {
                case Phase.Checking checking ->
                    oneEvent(envelopes, opened().position().seq(), this::compare);
                case Phase.ReadingFork(var seq) -> oneEvent(envelopes, seq, this::ownAtFork);
                case Phase.Streaming streaming -> {
                    Claim claim = state.claims().lookedUp();
                    if (claim == null) {
                        nextEvents(envelopes);
                    } else {
                        state = state.with(new Claims(state.claims().newest(), null));
                        oneEvent(envelopes, claim.head().position().seq(), own -> answer(claim, own));
                        pump();
                    }
                    lookUpClaim();
                }
                case Phase.AskingBranch asking -> {}
                case Phase.Closed closed -> {}
            }
        }

        private void oneEvent(List<EventEnvelope> envelopes, long seq, Consumer<Head> then) {
            if (envelopes.isEmpty() || envelopes.getFirst().seq() != seq) {
                fail("the log has no event at seq " + seq + " though its head is beyond");
            } else {
                then.accept(envelopes.getFirst().head());
            }
        }

        private void nextEvents(List<EventEnvelope> envelopes) {
            Head before = state.flow().sent();
            for (EventEnvelope envelope : envelopes) {
                long due = before.position().seq() + 1;
                if (envelope.seq() != due) {
                    fail("the log was read with seq " + envelope.seq() + " where " + due + " was due");
                    return;
                }
                if (!envelope.prevHash().equals(before.hash())) {
                    fail("the log went over to another branch: " + envelope.position() + " does not continue "
                            + before.position());
                    return;
                }
                before = envelope.head();
            }
            send(envelopes.subList(0, Math.clamp(state.flow().windowLeft(), 0, envelopes.size())));
        }

        private void send(List<EventEnvelope> envelopes) {
            if (envelopes.isEmpty()) {
                // The next tick or head tries again.
                return;
            }
            Head last = envelopes.getLast().head();
            if (last.position().isAtLeast(knownHead().position())) {
                state = state.withLogHead(last);
            }
            PSortedMap<Long, Hash> inFlight = state.flow().inFlight();
            List<EventEnvelope> batch = new ArrayList<>();
            int bytes = 0;
            for (EventEnvelope envelope : envelopes) {
                int size = envelope.headerBytes().size() + envelope.payload().size();
                if (!batch.isEmpty() && bytes + size > settings.maxBatchBytes()) {
                    outputs.add(new SenderOutput.SendEvents(List.copyOf(batch), knownHead()));
                    batch.clear();
                    bytes = 0;
                }
                batch.add(envelope);
                bytes += size;
                inFlight = inFlight.plus(envelope.seq(), envelope.hash());
            }
            outputs.add(new SenderOutput.SendEvents(List.copyOf(batch), knownHead()));
            state = state.with(state.flow().sent(last, inFlight, at.nowMillis()))
                    .spoke(at.nowMillis());
        }

        void acknowledged(Head head, int credits) {
            long seq = head.position().seq();
            Flow flow = state.flow();
            if (!(state.phase() instanceof Phase.Streaming) || seq < flow.ackedSeq()) {
                return;
            }
            if (seq > flow.sentSeq()) {
                state = state.with(new Claims(
                        new Claim(head, credits, at.nowMillis()), state.claims().lookedUp()));
                lookUpClaim();
                pump();
                return;
            }
            Hash sent = flow.inFlight().get(seq);
            if (sent != null && !sent.equals(head.hash())) {
                diverged(
                        new Head(head.position(), sent),
                        "the replica acknowledged another event than was sent at " + head.position());
                return;
            }
            PSortedMap<Long, Hash> rest = flow.inFlight();
            while (!rest.isEmpty() && rest.firstKey() <= seq) {
                rest = rest.minus(rest.firstKey());
            }
            state = state.with(flow.acked(seq, credits, rest, at.nowMillis()));
            if (sent != null) {
                tellAcknowledged(head);
            }
            pump();
        }

        /** The newest claim, as soon as the log is known to reach it and no other read is under way. */
        private void lookUpClaim() {
            Claim claim = state.claims().newest();
            if (claim == null || state.reading() || !(state.phase() instanceof Phase.Streaming)) {
                return;
            }
            long seq = claim.head().position().seq();
            if (seq == knownHead().position().seq()) {
                state = state.with(Claims.NONE);
                answer(claim, knownHead());
            } else if (seq < knownHead().position().seq()) {
                state = state.with(new Claims(null, claim)).withReading(true);
                outputs.add(new SenderOutput.ReadLog(seq - 1, 1));
            }
        }

        /** {@code own}: what the own log has at the seq of the claim. */
        private void answer(Claim claim, Head own) {
            if (!epochsEqual(own, claim.head())) {
                fail("the replica acknowledged " + claim.head().position() + ", which is not on this log's branch");
            } else if (!own.equals(claim.head())) {
                diverged(own, "the replica acknowledged another event than the log has at " + own.position());
            } else if (own.position().seq() > state.flow().ackedSeq()) {
                state = state.with(state.flow().claimed(own, claim.credits(), at.nowMillis()));
                tellAcknowledged(own);
            }
        }

        private void tellAcknowledged(Head head) {
            if (knownHead().position().epoch().regionIndex() == self.index()) {
                outputs.add(new SenderOutput.Acknowledged(head));
            }
        }

        void transport(boolean writable) {
            state = state.with(state.flow().transport(false, writable));
            pump();
        }

        void transportReady() {
            state = state.with(state.flow().transport(state.flow().sending(), true));
            pump();
        }

        void tick() {
            if (!(state.phase() instanceof Phase.Streaming)) {
                noticeReplicaAhead();
                return;
            }
            if (!state.flow().inFlight().isEmpty()
                    && at.nowMillis() - state.flow().ackProgressMillis()
                            > settings.ackTimeout().toMillis()) {
                fail("no acknowledgement for " + settings.ackTimeout().toMillis() + " ms");
                return;
            }
            Claim claim = state.claims().newest();
            if (claim != null
                    && claim.head().position().compareTo(knownHead().position()) > 0
                    && at.nowMillis() - claim.atMillis() > settings.aheadGrace().toMillis()) {
                fail("the replica acknowledged " + claim.head().position() + ", ahead of the log's head "
                        + knownHead().position());
                return;
            }
            lookUpClaim();
            if (at.nowMillis() - state.spokeAtMillis()
                    >= settings.progressEvery().toMillis()) {
                progress();
            }
            pump();
        }

        /** Not a contradiction: this region lost a tail, which it pulls back if it is the home, or it has yet to catch up itself. */
        private void noticeReplicaAhead() {
            Head log = state.logHead();
            Position opened = opened().position();
            if (log != null
                    && opened.compareTo(log.position()) > 0
                    && at.nowMillis() - state.spokeAtMillis()
                            > settings.aheadGrace().toMillis()) {
                fail("the replica is at " + opened + ", ahead of the log's head " + log.position());
            }
        }

        private void progress() {
            if (!state.flow().sending() && state.flow().writable()) {
                state = state.spoke(at.nowMillis());
                outputs.add(new SenderOutput.SendProgress(knownHead()));
            }
        }

        /** Reads the next events if everything allows it. */
        private void pump() {
            Flow flow = state.flow();
            long window = flow.windowLeft();
            if (state.phase() instanceof Phase.Streaming
                    && !state.reading()
                    && !flow.sending()
                    && flow.writable()
                    && window > 0
                    && knownHead().position().seq() > flow.sentSeq()) {
                state = state.withReading(true);
                outputs.add(new SenderOutput.ReadLog(flow.sentSeq(), (int) Math.min(window, settings.maxReadEvents())));
            }
        }

        private Head opened() {
            return state.opened().head();
        }

        private Head knownHead() {
            return Objects.requireNonNull(state.logHead(), "a stream is checked against the log's head first");
        }

        private void forked(Head fork) {
            state = state.in(new Phase.Closed());
            outputs.add(new SenderOutput.SendForked(fork));
        }

        private void diverged(Head homeAtSeq, String message) {
            state = state.in(new Phase.Closed());
            outputs.add(new SenderOutput.SendDiverged(homeAtSeq, message));
        }

        void fail(String reason) {
            state = state.in(new Phase.Closed());
            outputs.add(new SenderOutput.Fail(reason));
        }
    }
}
