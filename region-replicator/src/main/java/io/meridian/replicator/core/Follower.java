package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Batch;
import io.meridian.replicator.core.FollowerState.Held;
import io.meridian.replicator.core.FollowerState.Phase;
import io.meridian.replicator.core.FollowerState.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
            case FollowerInput.OwnHead(var head, var lineage) -> turn.ownHead(head, lineage);
            case FollowerInput.OwnHeadFailed(var reason) -> turn.ownHeadFailed(reason);
            case FollowerInput.Received received -> turn.received(received);
            case FollowerInput.Progress(var stream, var homeHead) -> turn.progress(stream, homeHead);
            case FollowerInput.ForkedTold(var stream, var fork) -> turn.forkedTold(stream, fork);
            case FollowerInput.OwnHashAt(var stream, var hash) -> turn.ownHashAt(stream, hash);
            case FollowerInput.OwnHashFailed(var stream, var reason) -> turn.ownHashFailed(stream, reason);
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
            case FollowerInput.Topics(var readable) -> turn.topics(readable);
            case FollowerInput.Offered offered -> turn.offered(offered);
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

        void sourceKnown(Optional<Source> source) {
            if (source.equals(state.source())) {
                return;
            }
            if (isAtWork() && region(source).isPresent() && region(source).equals(region(state.source()))) {
                // The stream goes on: if that region's log goes over to another branch it will say so.
                state = state.inTurn(source.get());
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

        private boolean isAtWork() {
            return switch (state.phase()) {
                case Phase.Following following -> true;
                case Phase.ReadingHead reading -> true;
                case Phase.CheckingFork checking -> true;
                case Phase.Idle idle -> false;
                case Phase.Waiting waiting -> false;
                case Phase.Stopped stopped -> false;
            };
        }

        private static Optional<RegionId> region(Optional<Source> source) {
            return source.map(Source::region);
        }

        void peerBack(RegionId region) {
            if (state.phase() instanceof Phase.Waiting && region(state.source()).equals(Optional.of(region))) {
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

        void ownHead(Head head, Lineage lineage) {
            if (state.phase() instanceof Phase.ReadingHead) {
                openAt(head, lineage);
            }
        }

        private void openAt(Head head, Lineage lineage) {
            Source source = state.source().orElseThrow();
            long stream = state.lastStream() + 1;
            state = state.opening(
                    stream, new Phase.Following(stream, head, lineage, at.nowMillis(), TreePVector.empty(), List.of()));
            outputs.add(new FollowerOutput.Open(stream, source.region(), head, lineage, credits()));
            takeHeld();
        }

        /** What comes by the topic is not sent once more over the stream. */
        private int credits() {
            return state.route() instanceof Route.ByTopic ? 0 : settings.windowEvents();
        }

        void ownHeadFailed(String reason) {
            if (state.phase() instanceof Phase.ReadingHead) {
                retry("own head unknown: " + reason);
            }
        }

        /** What comes behind the fork is of a later epoch; whether it takes the place of what we have is for the log's owner to judge. */
        void forkedTold(long stream, Head fork) {
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != stream) {
                return;
            }
            if (state.appendInFlight()
                    || fork.position().seq() >= following.durable().position().seq()) {
                retry("the source named a fork that is none: " + fork.position() + ", our head is "
                        + following.durable().position());
                return;
            }
            closeStream();
            if (fork.isEmpty()) {
                openAt(Head.empty(mesh), following.lineage());
            } else {
                state = state.in(new Phase.CheckingFork(stream, fork, following.lineage()));
                outputs.add(
                        new FollowerOutput.ReadOwnHashAt(stream, fork.position().seq()));
            }
        }

        void ownHashAt(long stream, Optional<Hash> hash) {
            if (!(state.phase() instanceof Phase.CheckingFork(var asked, var fork, var lineage)) || asked != stream) {
                return;
            }
            if (hash.equals(Optional.of(fork.hash()))) {
                openAt(fork, lineage);
            } else {
                // Lineages name one event here. A region writes each (epoch, seq) once, so one of the logs is not what
                // it was.
                stop("the same place was written twice: the source holds " + fork.position() + " (" + fork.hash()
                        + "), our log has "
                        + hash.map(own -> "another event there (" + own + ")").orElse("no event there"));
            }
        }

        void ownHashFailed(long stream, String reason) {
            if (state.phase() instanceof Phase.CheckingFork checking && checking.stream() == stream) {
                retry("own log unreadable at the fork: " + reason);
            }
        }

        void received(FollowerInput.Received received) {
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != received.stream()) {
                return;
            }
            if (received.envelopes().isEmpty()) {
                stop("the source sent a message of events without any");
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
            if (received.envelopes().getFirst().seq() > following.nextSeq()) {
                // Not for the log to notice: behind a fork it may have something else at those seqs.
                gap(following.nextSeq());
                return;
            }
            Batch batch = new Batch(received.homeHead().position().epoch(), received.envelopes());
            state = state.told(received.homeHead())
                    .in(following.with(following.queue().plus(batch), following.appending()));
            pump();
        }

        /**
         * Gives what waits to one append, as far as it fits. What was sent before the source's head went over to another epoch is judged by
         * the earlier one: it may be of a branch that the source has left since.
         */
        private void pump() {
            if (state.appendInFlight()
                    || !(state.phase() instanceof Phase.Following following)
                    || following.queue().isEmpty()) {
                return;
            }
            PVector<Batch> rest = following.queue();
            Epoch sourceEpoch = rest.getFirst().sourceEpoch();
            boolean offered = rest.getFirst().isOffered();
            List<Batch> taken = new ArrayList<>();
            long bytes = 0;
            while (!rest.isEmpty()
                    && rest.getFirst().sourceEpoch().equals(sourceEpoch)
                    && rest.getFirst().isOffered() == offered
                    && (taken.isEmpty() || bytes + rest.getFirst().bytes() <= settings.maxAppendBytes())) {
                bytes += rest.getFirst().bytes();
                taken.add(rest.getFirst());
                rest = rest.minus(0);
            }
            state = state.appending(true).in(following.with(rest, taken));
            outputs.add(new FollowerOutput.Append(following.stream(), sourceEpoch, envelopes(taken)));
        }

        private static List<EventEnvelope> envelopes(List<Batch> batches) {
            return batches.stream().flatMap(batch -> batch.envelopes().stream()).toList();
        }

        void appended(FollowerInput.Appended appended) {
            state = state.appending(false);
            if (!(state.phase() instanceof Phase.Following following) || following.stream() != appended.stream()) {
                // Of an earlier stream: whatever the verdict, the next one meets the same log.
                tick();
                return;
            }
            Head durable = durable(following, appended);
            boolean advanced = isBeyond(durable, following.durable());
            if (advanced) {
                state = state.failed(0);
            }
            if (following.appending().getFirst().isOffered()
                    && (appended.stopped() instanceof Acceptance.Conflict
                            || appended.stopped() instanceof Acceptance.Gap)) {
                mistrustTopic(appended.stopped());
                return;
            }
            switch (appended.stopped()) {
                case Acceptance.Conflict(var reason) -> stop(reason);
                case Acceptance.Gap(var expectedSeq) -> gap(expectedSeq);
                case Acceptance.StaleEpoch(var promised) ->
                    retry("the source writes in an older epoch than the promised " + promised);
                case null, default -> taken(following, durable, advanced, appended.head());
            }
        }

        /**
         * How far the source's branch is durable here now, as far as this append proves it. Not simply the log's head: a stream that opened
         * at a fork may still be behind what the log has there.
         */
        private static Head durable(Phase.Following following, FollowerInput.Appended appended) {
            List<EventEnvelope> given = envelopes(following.appending());
            Head proven = appended.stopped() == null
                    ? given.getLast().head()
                    : given.stream()
                            .map(EventEnvelope::head)
                            .filter(appended.head()::equals)
                            .findFirst()
                            .orElse(following.durable());
            return isBeyond(proven, following.durable()) ? proven : following.durable();
        }

        private static boolean isBeyond(Head head, Head other) {
            return head.position().compareTo(other.position()) > 0;
        }

        private void taken(Phase.Following following, Head durable, boolean advanced, Head logHead) {
            if (isBeyond(durable, logHead)) {
                retry("the own log took " + durable.position() + " and yet ends at " + logHead.position());
                return;
            }
            state = state.in(following
                    .with(durable, advanced ? at.nowMillis() : following.verifiedAtMillis())
                    .with(following.queue(), List.of()));
            outputs.add(new FollowerOutput.Acknowledge(
                    following.stream(), durable, credits(), (int) following.appending().stream()
                            .filter(batch -> !batch.isOffered())
                            .count()));
            pump();
        }

        void topics(Set<RegionId> readable) {
            state = state.readable(readable);
            if (state.source().isPresent()
                    && !FollowerState.topicServes(state.source().get(), readable)) {
                byStream("the topic cannot be read");
            }
        }

        void offered(FollowerInput.Offered offer) {
            if (state.phase() instanceof Phase.Following && isOfSource(offer)) {
                take(offer);
            } else if (mayBeTakenSoon(offer) && state.held().events() < settings.windowEvents()) {
                state = state.holding(state.held().plus(offer, at.nowMillis()));
            }
        }

        private boolean isOfSource(FollowerInput.Offered offer) {
            return region(state.source()).equals(Optional.of(offer.region()));
        }

        /** Between two streams, or before it is known that this region is home. What is of an earlier turn is of no use any more. */
        private boolean mayBeTakenSoon(FollowerInput.Offered offer) {
            if (state.phase() instanceof Phase.Stopped && isOfSource(offer)) {
                return false;
            }
            Epoch turn = offer.envelopes().getLast().epoch();
            return state.source().isEmpty()
                    || turn.compareTo(state.source().get().epoch()) >= (isOfSource(offer) ? 0 : 1);
        }

        private void takeHeld() {
            PVector<FollowerInput.Offered> offers = state.held().offers();
            state = state.holding(Held.NOTHING);
            offers.forEach(this::offered);
        }

        /**
         * Takes what continues what is here, if it is of the source's own turn: of an earlier one it may be of a branch that was left since. What is
         * missing, and all that the topic has no order for, comes by the stream; until the topic has reached what is here.
         */
        private void take(FollowerInput.Offered offer) {
            Phase.Following following = (Phase.Following) state.phase();
            Epoch turn = state.source().orElseThrow().epoch();
            List<EventEnvelope> ofTurn = offer.envelopes().stream()
                    .filter(envelope ->
                            envelope.mesh().equals(mesh) && envelope.epoch().compareTo(turn) >= 0)
                    .toList();
            if (ofTurn.isEmpty()) {
                return;
            }
            if (state.route() instanceof Route.ByStream) {
                if (!meets(ofTurn, following)) {
                    return;
                }
                state = state.by(Route.TOPIC);
                outputs.add(new FollowerOutput.Acknowledge(following.stream(), following.durable(), credits(), 0));
            }
            List<EventEnvelope> next = new ArrayList<>();
            long nextSeq = following.nextSeq();
            boolean missing = false;
            for (EventEnvelope envelope : ofTurn) {
                if (envelope.seq() == nextSeq) {
                    next.add(envelope);
                    nextSeq++;
                } else {
                    missing |= envelope.seq() > nextSeq;
                }
            }
            if (following.offeredEvents() + next.size() > settings.windowEvents()) {
                byStream("more was offered than could be appended");
                return;
            }
            queue(offer.number(), next);
            if (missing) {
                byStream("events are missing in the topic from seq " + nextSeq);
            }
            pump();
        }

        /** Whether the topic has come as far as what is here, and nothing is missing between the two. */
        private static boolean meets(List<EventEnvelope> offered, Phase.Following following) {
            return offered.getFirst().seq() <= following.nextSeq()
                    && offered.getLast().seq() >= following.durable().position().seq();
        }

        /** One batch for each turn. */
        private void queue(long number, List<EventEnvelope> envelopes) {
            int from = 0;
            for (int i = 1; i <= envelopes.size(); i++) {
                Epoch turn = envelopes.get(from).epoch();
                if (i == envelopes.size() || !envelopes.get(i).epoch().equals(turn)) {
                    Phase.Following following = (Phase.Following) state.phase();
                    Batch batch = new Batch(turn, envelopes.subList(from, i), number);
                    state = state.in(following.with(following.queue().plus(batch), following.appending()));
                    from = i;
                }
            }
        }

        /** Asks for everything behind what is durable here. */
        private void byStream(String why) {
            if (state.route() instanceof Route.ByTopic) {
                state = state.by(new Route.ByStream(why));
                if (state.phase() instanceof Phase.Following following) {
                    outputs.add(new FollowerOutput.Acknowledge(following.stream(), following.durable(), credits(), 0));
                }
            }
        }

        /** A topic may hold anything; what the home's log really says comes by the stream. */
        private void mistrustTopic(Acceptance verdict) {
            state = state.by(new Route.ByStream("what the topic holds does not fit: " + verdict));
            retry("what the topic holds does not fit: " + verdict);
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
            boolean sameSeq = homeHead.position().seq() == durable.position().seq();
            boolean sameEpoch =
                    homeHead.position().epoch().equals(durable.position().epoch());
            if (!sameSeq || !sameEpoch) {
                // Behind, or on another branch, or the word is older than what came after it: no proof of anything.
                return;
            }
            if (!homeHead.equals(durable)) {
                stop("the source's head " + homeHead.position() + " (" + homeHead.hash() + ") differs from ours "
                        + durable.position() + " (" + durable.hash() + ")");
                return;
            }
            state = state.failed(0).in(following.with(durable, at.nowMillis()));
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
            if (at.nowMillis() - state.held().sinceMillis()
                    > settings.patience().toMillis()) {
                state = state.holding(Held.NOTHING);
            }
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
                    } else if (idle
                            && silentMillis > settings.patience().toMillis()
                            && state.homeHead()
                                    .filter(head -> isBeyond(head, following.durable()))
                                    .isPresent()) {
                        byStream("the topic owed an event for " + silentMillis + " ms");
                    }
                }
                case Phase.Idle idle -> {}
                case Phase.ReadingHead reading -> {}
                case Phase.CheckingFork checking -> {}
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
