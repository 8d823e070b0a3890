package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Output;
import io.meridian.model.log.Head;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.Backoff;
import io.meridian.replicator.core.Follower;
import io.meridian.replicator.core.FollowerInput;
import io.meridian.replicator.core.FollowerOutput;
import io.meridian.replicator.core.FollowerSettings;
import io.meridian.replicator.core.FollowerState;
import io.meridian.replicator.core.Moment;
import io.meridian.replicator.core.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** How a region comes by the home's events and gives its own: region-replicator's follower, and its sender for each region that follows. In one life. */
final class Replication {
    private static final FollowerSettings SETTINGS = new FollowerSettings(
            64, 1 << 18, Duration.ofSeconds(5), new Backoff(Duration.ofMillis(100), Duration.ofSeconds(3)));
    private static final long TICK_MILLIS = 200;
    private static final long APPEND_TIMEOUT_MILLIS = 10_000;

    private final Region region;
    private final Follower follower;
    private final SplittableRandom random;
    private final Deque<FollowerInput> inbox = new ArrayDeque<>();
    private final Map<Integer, Serving> servings = new HashMap<>();
    private FollowerState state = FollowerState.initial();
    private boolean stepping;
    private boolean ended;
    /** With {@link Mutant#SEPARATE_CURSOR}: how far the source has sent. */
    private Head cursor;

    Replication(Region region) {
        this.region = region;
        follower = new Follower(region.world.mesh(), SETTINGS);
        random = region.world.diskRandom();
        cursor = region.disk.head();
    }

    /** Begins to tick. */
    void tick() {
        if (!ended) {
            feed(new FollowerInput.Tick());
            servings.values().forEach(Serving::tick);
            region.after(TICK_MILLIS, this::tick);
        }
    }

    void end() {
        ended = true;
    }

    /** Somebody's head moved, or was heard to have; {@code back}: the region that speaks again after a silence, -1 if none. */
    void headsChanged(int back) {
        feed(new FollowerInput.SourceKnown(source()));
        if (back >= 0) {
            feed(new FollowerInput.PeerBack(region.world.member(back).id));
        }
        servings.values().forEach(Serving::headMoved);
    }

    private Optional<FollowerState.Source> source() {
        if (!region.follows()) {
            return Optional.empty();
        }
        Map<RegionId, Head> told = new HashMap<>();
        for (int place = 0; place < region.world.members(); place++) {
            RegionId id = region.world.member(place).id;
            region.peers().head(place).ifPresent(head -> told.put(id, head));
        }
        return FollowerState.Source.of(
                region.id, region.disk.head(), told, index -> Optional.of(region.world.member(index - 1).id));
    }

    /** Whether it gave up for good, as far as it knows. */
    boolean isStopped() {
        return state.phase() instanceof FollowerState.Phase.Stopped;
    }

    // The follower.

    void feed(FollowerInput input) {
        if (ended) {
            return;
        }
        if (input instanceof FollowerInput.Received received) {
            Planted.received(region, received.envelopes());
        }
        inbox.add(input);
        if (stepping) {
            return;
        }
        stepping = true;
        while (!inbox.isEmpty() && !ended) {
            Moment at = new Moment(region.clock.monotonicMillis(), random.nextDouble());
            Step<FollowerState, FollowerOutput> step = follower.step(state, at, inbox.remove());
            state = step.state();
            step.outputs().forEach(this::perform);
        }
        stepping = false;
    }

    private void perform(FollowerOutput output) {
        switch (output) {
            case FollowerOutput.ReadOwnHead() ->
                region.after(1, () -> feed(new FollowerInput.OwnHead(opening(), region.disk.lineage())));
            case FollowerOutput.ReadOwnHashAt(var stream, var seq) ->
                region.after(1, () -> feed(new FollowerInput.OwnHashAt(stream, region.disk.hashAt(seq))));
            case FollowerOutput.Open open -> {
                int life = region.life();
                toSource(open.region().index(), source -> source.serve(region.place, life, open));
            }
            case FollowerOutput.Close(var stream) -> {}
            case FollowerOutput.Append append -> append(append);
            case FollowerOutput.Acknowledge acknowledge -> acknowledge(acknowledge.stream(), acknowledge.head());
            case FollowerOutput.Stopped(var reason) -> region.world.trace(() -> region.id + " STOPPED: " + reason);
        }
    }

    private Head opening() {
        return region.world.has(Mutant.SEPARATE_CURSOR) ? cursor : region.disk.head();
    }

    private void acknowledge(long stream, Head head) {
        int life = region.life();
        state.source()
                .ifPresent(source -> toSource(
                        source.region().index(),
                        there -> there.acknowledged(region.place, life, stream, head, SETTINGS.windowEvents())));
    }

    private interface AtSource {
        void happens(Replication source);
    }

    private void toSource(int index, AtSource message) {
        region.tell(index - 1, source -> message.happens(source.replication()));
    }

    private void append(FollowerOutput.Append append) {
        MeshProcess process = region.process();
        if (process == null) {
            region.after(10, () -> feed(new FollowerInput.AppendFailed(append.stream(), "the log is not open")));
            return;
        }
        cursor = append.envelopes().getLast().head();
        if (region.world.has(Mutant.SYNC_NOT_WAITED_FOR)) {
            acknowledge(append.stream(), cursor);
        }
        boolean[] done = new boolean[1];
        process.append(append.sourceEpoch(), append.envelopes(), output -> {
            if (!done[0]) {
                done[0] = true;
                feed(
                        output instanceof Output.Appended(var token, var head, var stopped)
                                ? new FollowerInput.Appended(append.stream(), head, stopped)
                                : new FollowerInput.AppendFailed(append.stream(), output.toString()));
            }
        });
        region.after(APPEND_TIMEOUT_MILLIS, () -> {
            if (!done[0]) {
                done[0] = true;
                feed(new FollowerInput.AppendFailed(append.stream(), "no answer in time"));
            }
        });
    }

    // The senders.

    private void serve(int replica, int life, FollowerOutput.Open open) {
        Serving known = servings.get(replica);
        if (known == null || known.isOlderThan(life, open.stream())) {
            Serving serving = new Serving(region, replica, life, open);
            servings.put(replica, serving);
            serving.headMoved();
        }
    }

    private void acknowledged(int replica, int life, long stream, Head head, int credits) {
        Serving serving = servings.get(replica);
        if (serving != null && serving.is(life, stream)) {
            serving.acknowledged(head, credits);
        }
    }
}
