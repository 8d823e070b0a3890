package io.meridian.replicator.internal;

import io.meridian.core.Replicas;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.Backoff;
import io.meridian.replicator.core.Follower;
import io.meridian.replicator.core.FollowerInput;
import io.meridian.replicator.core.FollowerOutput;
import io.meridian.replicator.core.FollowerSettings;
import io.meridian.replicator.core.FollowerState;
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

    void source(Optional<RegionId> source) {
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
                case FollowerOutput.Open(var stream, var region, var head, var credits) -> {
                    log.debug("following mesh={} region={} from={}", mesh, region, head.position());
                    call = FollowCall.open(
                            links.apply(region).stub(), queue, driver::feed, settings, stream, head, credits);
                }
                case FollowerOutput.Close(var stream) -> {
                    if (driver.state().phase() instanceof FollowerState.Phase.Waiting(var until, var why)) {
                        log.info("replication interrupted mesh={} reason=\"{}\"", mesh, why);
                    }
                    endCall();
                }
                case FollowerOutput.Append(var stream, var envelopes) -> append(stream, envelopes);
                case FollowerOutput.Acknowledge(var stream, var head, var credits, var messagesDone) -> {
                    if (call != null) {
                        call.acknowledge(head, credits, messagesDone);
                    }
                }
                case FollowerOutput.Stopped(var reason) ->
                    log.error(
                            "REPLICATION STOPPED mesh={} reason=\"{}\"; nothing of this mesh is appended here any more",
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
                () -> ports.log().head(mesh, settings.timings().logTimeout()),
                settings.timings().logTimeout(),
                (head, failure) -> driver.feed(answer(head, failure)));
    }

    private static FollowerInput answer(@Nullable Head head, @Nullable Throwable failure) {
        if (head != null) {
            return new FollowerInput.OwnHead(head);
        }
        return new FollowerInput.OwnHeadFailed(failure == null ? "no answer" : Ports.reason(failure));
    }

    private void append(long stream, List<EventEnvelope> envelopes) {
        Ports.ask(
                () -> ports.replicas()
                        .append(mesh, envelopes, settings.timings().appendTimeout()),
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
