package io.meridian.replicator.internal;

import io.meridian.core.MeshLog;
import io.meridian.core.Replicas;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.Backoff;
import io.meridian.replicator.core.Follower;
import io.meridian.replicator.core.FollowerInput;
import io.meridian.replicator.core.FollowerOutput;
import io.meridian.replicator.core.FollowerSettings;
import io.meridian.replicator.core.FollowerState;
import io.meridian.replicator.core.FollowerState.Source;
import io.meridian.replicator.core.Route;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one mesh's log. Carries out what {@link Follower} says, on a queue of its own; all methods may be called from any thread. */
final class MeshFollower {
    private static final Logger log = LoggerFactory.getLogger(MeshFollower.class);

    /** Beyond this, a mesh has no room for more of a topic. */
    private static final long MOST_OFFERED_BYTES = 4L * 1024 * 1024;

    private final MeshId mesh;
    private final ReplicatorSettings settings;
    private final Ports ports;
    private final Function<RegionId, PeerLink> links;
    private final SerialQueue queue;
    private final Driver<FollowerState, FollowerInput, FollowerOutput> driver;
    private final Supplier<Set<RegionId>> readable;
    /** Of offers that are not done with; read from any thread. */
    private final AtomicInteger offeredEvents = new AtomicInteger();

    private final AtomicLong offeredBytes = new AtomicLong();
    private final AtomicLong lastOffer = new AtomicLong();
    // Touched on the queue only.
    private final Map<Long, Offer> offers = new HashMap<>();
    private Route route = Route.STREAM;
    private @Nullable FollowCall call;
    private boolean closed;

    private record Offer(int events, long bytes, Runnable done) {}

    /** {@code readable}: the regions whose topics can be read. */
    MeshFollower(
            MeshId mesh,
            ReplicatorSettings settings,
            Ports ports,
            Function<RegionId, PeerLink> links,
            Executor pool,
            Supplier<Set<RegionId>> readable) {
        this.mesh = mesh;
        this.settings = settings;
        this.ports = ports;
        this.links = links;
        this.readable = readable;
        queue = new SerialQueue(pool);
        Follower follower = new Follower(
                mesh,
                new FollowerSettings(
                        settings.limits().windowEvents(),
                        settings.limits().batchBytes(),
                        settings.timings().followSilence(),
                        new Backoff(
                                settings.timings().firstRetry(),
                                settings.timings().longestRetry()),
                        settings.timings().topicPatience()));
        driver = new Driver<>(queue, follower::step, FollowerState.initial(), this::perform);
        topics(readable.get());
    }

    void topics(Set<RegionId> regions) {
        driver.feed(new FollowerInput.Topics(regions));
    }

    /** How many more events may be offered. */
    int room() {
        return offeredBytes.get() < MOST_OFFERED_BYTES
                ? Math.max(0, mostOffered(settings.limits()) - offeredEvents.get())
                : 0;
    }

    static int mostOffered(ReplicatorSettings.Limits limits) {
        return limits.windowEvents();
    }

    /** {@code done}: once nothing of it is waited for any more, on the queue; also when this follower is closed. */
    void offer(RegionId region, List<EventEnvelope> envelopes, Runnable done) {
        long bytes = envelopes.stream()
                .mapToLong(envelope -> (long) envelope.headerBytes().size()
                        + envelope.payload().size())
                .sum();
        Offer offer = new Offer(envelopes.size(), bytes, done);
        offeredEvents.addAndGet(offer.events());
        offeredBytes.addAndGet(bytes);
        long number = lastOffer.incrementAndGet();
        driver.feed(new FollowerInput.Offered(number, region, envelopes));
        // Behind that step: before it the offer would look as if it were done with.
        queue.execute(() -> {
            offers.put(number, offer);
            finishOffers();
        });
    }

    private void finish(Offer offer) {
        offeredEvents.addAndGet(-offer.events());
        offeredBytes.addAndGet(-offer.bytes());
        offer.done().run();
    }

    /** After each step. */
    private void finishOffers() {
        if (!offers.isEmpty()) {
            Set<Long> waiting = closed ? Set.of() : driver.state().offers();
            offers.entrySet().removeIf(offer -> {
                boolean done = !waiting.contains(offer.getKey());
                if (done) {
                    finish(offer.getValue());
                }
                return done;
            });
        }
    }

    private void tellRoute() {
        Route now = driver.state().route();
        if (!now.equals(route)) {
            route = now;
            switch (now) {
                case Route.ByTopic byTopic -> log.info("events come by the topic mesh={}", mesh);
                case Route.ByStream(var why) -> log.info("events come by the stream mesh={} reason=\"{}\"", mesh, why);
            }
        }
    }

    void source(Optional<Source> source) {
        driver.feed(new FollowerInput.SourceKnown(source));
    }

    void peerBack(RegionId peer) {
        driver.feed(new FollowerInput.PeerBack(peer));
    }

    void tick() {
        if (!driver.state().readable().equals(readable.get())) {
            // It changed while this follower was made.
            topics(readable.get());
        }
        driver.feed(new FollowerInput.Tick());
    }

    FollowerState state() {
        return driver.state();
    }

    void close() {
        queue.execute(() -> {
            closed = true;
            finishOffers();
            endCall();
        });
    }

    private void perform(List<FollowerOutput> outputs) {
        finishOffers();
        tellRoute();
        for (FollowerOutput output : outputs) {
            if (closed) {
                return;
            }
            switch (output) {
                case FollowerOutput.ReadOwnHead() -> readOwnHead();
                case FollowerOutput.ReadOwnHashAt(var stream, var seq) -> readOwnHashAt(stream, seq);
                case FollowerOutput.Open(var stream, var region, var head, var lineage, var credits) -> {
                    log.debug("following mesh={} region={} from={}", mesh, region, head.position());
                    call = FollowCall.open(
                            links.apply(region).stub(), queue, driver::feed, settings, stream, head, lineage, credits);
                }
                case FollowerOutput.Close(var stream) -> {
                    switch (driver.state().phase()) {
                        case FollowerState.Phase.Waiting(var until, var why) ->
                            log.info("replication interrupted mesh={} reason=\"{}\"", mesh, why);
                        case FollowerState.Phase.CheckingFork(var of, var fork, var lineage) ->
                            log.warn("the home went on behind an earlier event mesh={} fork={}", mesh, fork.position());
                        default -> {}
                    }
                    endCall();
                }
                case FollowerOutput.Append(var stream, var sourceEpoch, var envelopes) ->
                    append(stream, sourceEpoch, envelopes);
                case FollowerOutput.Acknowledge(var stream, var head, var credits, var messagesDone) -> {
                    if (call != null) {
                        call.acknowledge(head, credits, messagesDone);
                    }
                }
                case FollowerOutput.Stopped(var reason) ->
                    log.error(
                            "REPLICATION STOPPED mesh={} reason=\"{}\"; nothing of this mesh is appended here before its home"
                                    + " moves to a later epoch",
                            mesh,
                            reason);
            }
        }
    }

    private void endCall() {
        if (call != null) {
            call.cancel();
            call = null;
        }
    }

    private void readOwnHead() {
        Ports.ask(
                () -> ports.log().branch(mesh),
                settings.timings().logTimeout(),
                (branch, failure) -> driver.feed(answer(branch, failure)));
    }

    private static FollowerInput answer(MeshLog.@Nullable Branch branch, @Nullable Throwable failure) {
        if (branch != null) {
            return new FollowerInput.OwnHead(branch.head(), branch.lineage());
        }
        return new FollowerInput.OwnHeadFailed(failure == null ? "no answer" : Ports.reason(failure));
    }

    private void readOwnHashAt(long stream, long seq) {
        Ports.ask(
                () -> ports.log().read(mesh, seq - 1, 1),
                settings.timings().logTimeout(),
                (events, failure) -> driver.feed(
                        events != null
                                ? new FollowerInput.OwnHashAt(stream, hashAt(seq, events))
                                : new FollowerInput.OwnHashFailed(
                                        stream, failure == null ? "no answer" : Ports.reason(failure))));
    }

    private static Optional<Hash> hashAt(long seq, List<EventEnvelope> events) {
        return events.stream()
                .filter(event -> event.seq() == seq)
                .map(EventEnvelope::hash)
                .findFirst();
    }

    private void append(long stream, Epoch sourceEpoch, List<EventEnvelope> envelopes) {
        Ports.ask(
                () -> ports.replicas()
                        .append(mesh, sourceEpoch, envelopes, settings.timings().appendTimeout()),
                settings.timings().appendTimeout(),
                (appended, failure) -> driver.feed(answer(stream, appended, failure)));
    }

    private static FollowerInput answer(
            long stream, Replicas.@Nullable Appended appended, @Nullable Throwable failure) {
        if (appended != null) {
            return new FollowerInput.Appended(stream, appended.head(), appended.stopped());
        }
        return new FollowerInput.AppendFailed(stream, failure == null ? "no answer" : Ports.reason(failure));
    }
}
