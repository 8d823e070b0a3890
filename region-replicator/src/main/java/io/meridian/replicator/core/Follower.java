package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Batch;
import io.meridian.replicator.core.FollowerState.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The replica's side of one mesh (docs/replication.md, "What a replica accepts" and "Catch-up"). It opens a stream with the head of the
 * own log, has what comes appended, acknowledges what is durable, and opens anew whenever it is in doubt. Whether an event is appended
 * is decided where the log is owned ({@link Acceptance}); here is decided what follows from the verdict.
 *
 * <p>Pure; an instance has no state.
 */
public final class Follower {
    private final MeshId mesh;
    private final FollowerSettings settings;

    public Follower(MeshId mesh, FollowerSettings settings) {
        this.mesh = mesh;
        this.settings = settings;
    }

    public Step<FollowerState, FollowerOutput> step(FollowerState state, Moment at, FollowerInput input) {
        Turn turn = new Turn(state, at);
        switch (input) {
            case FollowerInput.SourceKnown(var source) -> turn.sourceKnown(source);
            case FollowerInput.PeerBack(var region) -> turn.peerBack(region);
            case FollowerInput.OwnHead(var head) -> turn.ownHead(head);
            case FollowerInput.OwnHeadFailed(var reason) -> turn.ownHeadFailed(reason);
            case FollowerInput.Received received -> turn.received(received);
            case FollowerInput.Progress(var stream, var homeHead) -> turn.progress(stream, homeHead);
            case FollowerInput.DivergedTold(var stream, var homeAtSeq, var message) ->
                turn.stopStream(
                        stream,
                        "the source's log does not contain our head: " + message + " (its head at that seq: "
                                + homeAtSeq.position() + " " + homeAtSeq.hash() + ")");
            case FollowerInput.Malformed(var stream, var reason) ->
                turn.stopStream(stream, "the source sent what is no event: " + reason);
            case FollowerInput.StreamFailed(var stream, var reason) -> turn.streamFailed(stream, reason);
            case FollowerInput.Appended appended -> turn.appended(appended);
            case FollowerInput.AppendFailed(var stream, var reason) -> turn.appendFailed(stream, reason);
            case FollowerInput.Tick() -> turn.tick();
        }
        return new Step<>(turn.state, turn.outputs);
    }

    /** One step in the making. */
    private final class Turn {
        private FollowerState state;
        private final Moment at;
        private final List<FollowerOutput> outputs = new ArrayList<>();

        Turn(FollowerState state, Moment at) {
            this.state = state;
            this.at = at;
        }

        void sourceKnown(Optional<RegionId> source) {
            if (state.phase() instanceof Phase.Stopped || source.equals(state.source())) {
                return;
            }
            closeStream();
            state = state.from(source);
            if (source.isEmpty()) {
                state = state.in(new Phase.Idle());
            } else {
                open();
            }
        }

        void peerBack(RegionId region) {
            if (state.phase() instanceof Phase.Waiting && state.source().equals(Optional.of(region))) {
                open();
            }
        }

        /** An append that is not answered yet would make the head that we open with a guess: it has a deadline, so wait for it. */
        void open() {
            if (state.appendInFlight()) {
                state = state.in(new Phase.Waiting(at.nowMillis(), "an append is not answered yet"));
                return;
            }
            state = state.in(new Phase.ReadingHead());
            outputs.add(new FollowerOutput.ReadOwnHead());
        }

        void ownHead(Head head) {
            if (!(state.phase() instanceof Phase.ReadingHead) || state.source().isEmpty()) {
                return;
            }
            long stream = state.lastStream() + 1;
            state = state.opening(
                    stream, new Phase.Following(stream, head, at.nowMillis(), TreePVector.empty(), List.of()));
            outputs.add(new FollowerOutput.Open(stream, state.source().get(), head, settings.windowEvents()));
        }

        void ownHeadFailed(String reason) {
            if (state.phase() instanceof Phase.ReadingHead) {
                retry("own head unknown: " + reason);
            }
        }

        void received(FollowerInput.Received received) {
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != received.stream()) {
                return;
            }
            Optional<EventEnvelope> foreign = received.envelopes().stream()
                    .filter(envelope -> !envelope.mesh().equals(mesh))
                    .findFirst();
            if (foreign.isPresent()) {
                stop("the source sent an event of mesh " + foreign.get().mesh());
                return;
            }
            if (following.unacknowledgedEvents() + received.envelopes().size() > settings.windowEvents()) {
                retry("the source sent more than " + settings.windowEvents() + " events without an acknowledgement");
                return;
            }
            state = state.told(received.homeHead())
                    .in(new Phase.Following(
                            following.stream(),
                            following.durable(),
                            following.verifiedAtMillis(),
                            following.queue().plus(new Batch(received.envelopes())),
                            following.appending()));
            pump();
        }

        /** Gives what waits to one append, as far as it fits. */
        private void pump() {
            if (state.appendInFlight()
                    || !(state.phase() instanceof Phase.Following following)
                    || following.queue().isEmpty()) {
                return;
            }
            PVector<Batch> rest = following.queue();
            List<Batch> taken = new ArrayList<>();
            long bytes = 0;
            while (!rest.isEmpty()
                    && (taken.isEmpty() || bytes + rest.getFirst().bytes() <= settings.maxAppendBytes())) {
                bytes += rest.getFirst().bytes();
                taken.add(rest.getFirst());
                rest = rest.minus(0);
            }
            state = state.appending(true)
                    .in(new Phase.Following(
                            following.stream(), following.durable(), following.verifiedAtMillis(), rest, taken));
            outputs.add(new FollowerOutput.Append(
                    following.stream(),
                    taken.stream().flatMap(batch -> batch.envelopes().stream()).toList()));
        }

        void appended(FollowerInput.Appended appended) {
            state = state.appending(false);
            if (appended.stopped() instanceof Acceptance.Conflict(var reason)) {
                stop(reason);
                return;
            }
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != appended.stream()) {
                tick();
                return;
            }
            boolean advanced = appended.head().position().seq()
                    > following.durable().position().seq();
            if (advanced) {
                state = state.failed(0);
            }
            switch (appended.stopped()) {
                case Acceptance.Gap(var expectedSeq) -> gap(expectedSeq);
                case Acceptance.StaleEpoch(var promised) ->
                    retry("the source writes in an older epoch than the promised " + promised);
                case null, default -> taken(following, appended.head(), advanced);
            }
        }

        private void taken(Phase.Following following, Head head, boolean advanced) {
            state = state.in(new Phase.Following(
                    following.stream(),
                    head,
                    advanced ? at.nowMillis() : following.verifiedAtMillis(),
                    following.queue(),
                    List.of()));
            outputs.add(new FollowerOutput.Acknowledge(
                    following.stream(),
                    head,
                    settings.windowEvents(),
                    following.appending().size()));
            pump();
        }

        /** Never skip: fetch again from the own head. At once if something was gained since the last attempt, else after a pause. */
        private void gap(long expectedSeq) {
            if (state.failures() == 0) {
                closeStream();
                state = state.failed(1);
                open();
            } else {
                retry("events are missing from seq " + expectedSeq);
            }
        }

        void appendFailed(long stream, String reason) {
            state = state.appending(false);
            if (state.phase() instanceof Phase.Following following && following.stream() == stream) {
                retry("append failed: " + reason);
            } else {
                tick();
            }
        }

        void progress(long stream, Head homeHead) {
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != stream) {
                return;
            }
            state = state.told(homeHead);
            Head durable = following.durable();
            if (homeHead.position().seq() != durable.position().seq()) {
                // Behind, or the word is older than what came after it: no proof of anything.
                return;
            }
            if (!homeHead.equals(durable)) {
                stop("the source's head " + homeHead.position() + " (" + homeHead.hash() + ") differs from ours "
                        + durable.position() + " (" + durable.hash() + ")");
                return;
            }
            state = state.failed(0)
                    .in(new Phase.Following(stream, durable, at.nowMillis(), following.queue(), following.appending()));
        }

        void streamFailed(long stream, String reason) {
            if (state.phase() instanceof Phase.Following following && following.stream() == stream) {
                retry(reason);
            }
        }

        void stopStream(long stream, String reason) {
            if (state.phase() instanceof Phase.Following following && following.stream() == stream) {
                stop(reason);
            }
        }

        void tick() {
            switch (state.phase()) {
                case Phase.Waiting(var until, var why) -> {
                    if (at.nowMillis() >= until && !state.appendInFlight()) {
                        open();
                    }
                }
                case Phase.Following following -> {
                    boolean idle = !state.appendInFlight() && following.queue().isEmpty();
                    long silentMillis = at.nowMillis() - following.verifiedAtMillis();
                    if (idle && silentMillis > settings.silence().toMillis()) {
                        retry("no verified progress for " + silentMillis + " ms");
                    }
                }
                case Phase.Idle idle -> {}
                case Phase.ReadingHead reading -> {}
                case Phase.Stopped stopped -> {}
            }
        }

        private void retry(String why) {
            closeStream();
            int failures = state.failures() + 1;
            long delay = settings.backoff().delayMillis(failures, at.jitter());
            state = state.failed(failures).in(new Phase.Waiting(at.nowMillis() + delay, why));
        }

        private void stop(String reason) {
            if (state.phase() instanceof Phase.Stopped) {
                return;
            }
            closeStream();
            state = state.in(new Phase.Stopped(reason));
            outputs.add(new FollowerOutput.Stopped(reason));
        }

        private void closeStream() {
            if (state.phase() instanceof Phase.Following following) {
                outputs.add(new FollowerOutput.Close(following.stream()));
            }
        }
    }
}
