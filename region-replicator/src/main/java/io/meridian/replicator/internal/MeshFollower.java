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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one mesh's log. Carries out what {@link Follower} says, on a queue of its own; all methods may be called from any thread. */
final class MeshFollower {
    private static final Logger log = LoggerFactory.getLogger(MeshFollower.class);

    private final MeshId mesh;
    private final ReplicatorSettings settings;
    private final Ports ports;
    private final Function<RegionId, PeerLink> links;
    private final SerialQueue queue;
    private final Driver<FollowerState, FollowerInput, FollowerOutput> driver;
    /** Touched on the queue only. */
    private @Nullable FollowCall call;

    MeshFollower(
            MeshId mesh, ReplicatorSettings settings, Ports ports, Function<RegionId, PeerLink> links, Executor pool) {
        this.mesh = mesh;
        this.settings = settings;
        this.ports = ports;
        this.links = links;
        queue = new SerialQueue(pool);
        Follower follower = new Follower(
                mesh,
                new FollowerSettings(
                        settings.limits().windowEvents(),
                        settings.limits().batchBytes(),
                        settings.timings().followSilence(),
                        new Backoff(
                                settings.timings().firstRetry(),
                                settings.timings().longestRetry())));
        driver = new Driver<>(queue, follower::step, FollowerState.initial(), this::perform);
    }

    void source(Optional<Source> source) {
        driver.feed(new FollowerInput.SourceKnown(source));
    }

    void peerBack(RegionId peer) {
        driver.feed(new FollowerInput.PeerBack(peer));
    }

    void tick() {
        driver.feed(new FollowerInput.Tick());
    }

    FollowerState state() {
        return driver.state();
    }

    void close() {
        queue.execute(this::endCall);
    }

    private void perform(List<FollowerOutput> outputs) {
        for (FollowerOutput output : outputs) {
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
                            log.warn(
                                    "the home went on behind an earlier event mesh={} fork={}", mesh, fork.position());
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
