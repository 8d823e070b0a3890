package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.SenderState.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.pcollections.PSortedMap;

/**
 * The followed side of one (mesh, replica): finds the opened head in the own log, then sends what follows it, read from the journal and
 * never kept, at most {@code credits} events ahead of the last acknowledgement. Any region serves the log that it holds; only the home
 * counts acknowledgements.
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
    public SenderState open(Moment at, Head opened, int credits) {
        return SenderState.opened(opened, clamp(credits), at.nowMillis());
    }

    public Step<SenderState, SenderOutput> step(SenderState state, Moment at, SenderInput input) {
        Turn turn = new Turn(state, at);
        if (state.phase() != Phase.CLOSED) {
            switch (input) {
                case SenderInput.LogHead(var head) -> turn.logHead(head);
                case SenderInput.Read(var envelopes) -> turn.read(envelopes);
                case SenderInput.ReadFailed(var reason) -> turn.fail("the log cannot be read: " + reason);
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
            if (known == null) {
                state = state.withLogHead(head);
                check(head);
                return;
            }
            if (head.position().compareTo(known.position()) <= 0) {
                // Reads run ahead of the watch.
                return;
            }
            state = state.withLogHead(head);
            if (state.phase() == Phase.CHECKING) {
                if (!state.reading()) {
                    check(head);
                }
                return;
            }
            if (head.position().seq() < state.sentSeq()) {
                fail("the log went over to another branch at " + head.position());
                return;
            }
            pump();
        }

        private void check(Head log) {
            Head opened = state.opened();
            long seq = opened.position().seq();
            if (seq == 0) {
                stream();
            } else if (seq == log.position().seq()) {
                compare(log);
            } else if (seq < log.position().seq()) {
                state = state.withReading(true);
                outputs.add(new SenderOutput.ReadLog(seq - 1, 1));
            }
            // Ahead of the log: perhaps its owner is still recovering. See tick.
        }

        private void compare(Head own) {
            if (own.equals(state.opened())) {
                stream();
            } else {
                diverged(
                        own,
                        "the replica's head " + state.opened().position() + " ("
                                + state.opened().hash() + ") is not on this log's branch");
            }
        }

        private void stream() {
            state = state.in(Phase.STREAMING);
            if (!state.opened().isEmpty()) {
                tellAcknowledged(state.opened());
            }
            // At once rather than after a second: the replica learns that it is heard, and how far behind it is.
            progress();
            pump();
        }

        void read(List<EventEnvelope> envelopes) {
            state = state.withReading(false);
            if (state.phase() == Phase.CHECKING) {
                long seq = state.opened().position().seq();
                if (envelopes.isEmpty() || envelopes.getFirst().seq() != seq) {
                    fail("the log has no event at seq " + seq + " though its head is beyond");
                } else {
                    compare(envelopes.getFirst().head());
                }
                return;
            }
            long expected = state.sentSeq();
            for (EventEnvelope envelope : envelopes) {
                expected++;
                if (envelope.seq() != expected) {
                    fail("the log was read with seq " + envelope.seq() + " where " + expected + " was due");
                    return;
                }
            }
            send(envelopes.subList(0, Math.clamp(state.windowLeft(), 0, envelopes.size())));
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
            PSortedMap<Long, Hash> inFlight = state.inFlight();
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
            state = state.sent(last.position().seq(), inFlight, at.nowMillis());
        }

        void acknowledged(Head head, int credits) {
            long seq = head.position().seq();
            if (state.phase() != Phase.STREAMING || seq < state.ackedSeq()) {
                return;
            }
            if (seq > state.sentSeq()) {
                fail("the replica acknowledged seq " + seq + ", beyond the sent " + state.sentSeq());
                return;
            }
            Hash sent = state.inFlight().get(seq);
            if (sent != null && !sent.equals(head.hash())) {
                diverged(
                        new Head(head.position(), sent),
                        "the replica acknowledged another event than was sent at " + head.position());
                return;
            }
            PSortedMap<Long, Hash> rest = state.inFlight();
            while (!rest.isEmpty() && rest.firstKey() <= seq) {
                rest = rest.minus(rest.firstKey());
            }
            state = state.acked(seq, credits, rest, at.nowMillis());
            if (sent != null) {
                tellAcknowledged(head);
            }
            pump();
        }

        private void tellAcknowledged(Head head) {
            if (knownHead().position().epoch().regionIndex() == self.index()) {
                outputs.add(new SenderOutput.Acknowledged(head));
            }
        }

        void transport(boolean writable) {
            state = state.withTransport(false, writable);
            pump();
        }

        void transportReady() {
            state = state.withTransport(state.sending(), true);
            pump();
        }

        void tick() {
            if (state.phase() == Phase.CHECKING) {
                noticeReplicaAhead();
                return;
            }
            if (!state.inFlight().isEmpty()
                    && at.nowMillis() - state.ackProgressMillis()
                            > settings.ackTimeout().toMillis()) {
                fail("no acknowledgement for " + settings.ackTimeout().toMillis() + " ms");
                return;
            }
            if (at.nowMillis() - state.spokeAtMillis()
                    >= settings.progressEvery().toMillis()) {
                progress();
            }
            pump();
        }

        private void noticeReplicaAhead() {
            Head log = state.logHead();
            Position opened = state.opened().position();
            if (log != null
                    && opened.seq() > log.position().seq()
                    && at.nowMillis() - state.spokeAtMillis()
                            > settings.aheadGrace().toMillis()) {
                diverged(log, "the replica is at " + opened + ", ahead of the log's head " + log.position());
            }
        }

        private void progress() {
            if (!state.sending() && state.writable()) {
                state = state.spoke(at.nowMillis());
                outputs.add(new SenderOutput.SendProgress(knownHead()));
            }
        }

        /** Reads the next events if everything allows it. */
        private void pump() {
            long window = state.windowLeft();
            if (state.phase() == Phase.STREAMING
                    && !state.reading()
                    && !state.sending()
                    && state.writable()
                    && window > 0
                    && knownHead().position().seq() > state.sentSeq()) {
                state = state.withReading(true);
                outputs.add(
                        new SenderOutput.ReadLog(state.sentSeq(), (int) Math.min(window, settings.maxReadEvents())));
            }
        }

        private Head knownHead() {
            return Objects.requireNonNull(state.logHead(), "a stream is checked against the log's head first");
        }

        private void diverged(Head homeAtSeq, String message) {
            state = state.in(Phase.CLOSED);
            outputs.add(new SenderOutput.SendDiverged(homeAtSeq, message));
        }

        void fail(String reason) {
            state = state.in(Phase.CLOSED);
            outputs.add(new SenderOutput.Fail(reason));
        }
    }
}
