package io.meridian.chaos.simulation;

import io.meridian.model.log.Head;
import io.meridian.replicator.core.FollowerInput;
import io.meridian.replicator.core.FollowerOutput;
import io.meridian.replicator.core.Moment;
import io.meridian.replicator.core.Sender;
import io.meridian.replicator.core.SenderInput;
import io.meridian.replicator.core.SenderOutput;
import io.meridian.replicator.core.SenderSettings;
import io.meridian.replicator.core.SenderState;
import io.meridian.replicator.core.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** One stream from a region to a replica. */
final class Serving {
    private static final SenderSettings SETTINGS =
            new SenderSettings(16, 1 << 14, 64, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(60));

    private final Region region;
    private final int replica;
    private final int life;
    private final long stream;
    private final Sender sender;
    private final Deque<SenderInput> inbox = new ArrayDeque<>();
    private SenderState state;
    private boolean stepping;

    /** {@code life}: of the replica. */
    Serving(Region region, int replica, int life, FollowerOutput.Open open) {
        this.region = region;
        this.replica = replica;
        this.life = life;
        stream = open.stream();
        sender = new Sender(region.id, SETTINGS);
        Head head = region.world.has(Mutant.PREV_HASH_UNCHECKED) ? Planted.unchecked(region, open.head()) : open.head();
        state = sender.open(moment(), new SenderState.Opened(head, open.lineage()), open.credits());
    }

    boolean is(int ofLife, long number) {
        return life == ofLife && stream == number;
    }

    boolean isOlderThan(int otherLife, long otherStream) {
        return life < otherLife || (life == otherLife && stream < otherStream);
    }

    private Moment moment() {
        return new Moment(region.clock.monotonicMillis(), 0);
    }

    void tick() {
        feed(new SenderInput.Tick());
    }

    void headMoved() {
        feed(new SenderInput.LogHead(region.disk.head()));
    }

    void acknowledged(Head head, int credits) {
        feed(new SenderInput.Acknowledged(head, credits));
    }

    private void feed(SenderInput input) {
        inbox.add(input);
        if (stepping) {
            return;
        }
        stepping = true;
        while (!inbox.isEmpty()) {
            Step<SenderState, SenderOutput> step = sender.step(state, moment(), inbox.remove());
            state = step.state();
            boolean sent = false;
            for (SenderOutput output : step.outputs()) {
                perform(output);
                sent |= output instanceof SenderOutput.SendEvents;
            }
            if (sent) {
                inbox.add(new SenderInput.Sent(true));
            }
        }
        stepping = false;
    }

    private void perform(SenderOutput output) {
        switch (output) {
            case SenderOutput.ReadLog(var afterSeq, var max) ->
                region.after(1, () -> feed(new SenderInput.Read(region.disk.read(afterSeq, max))));
            case SenderOutput.ReadBranch() ->
                region.after(1, () -> feed(new SenderInput.Branch(region.disk.head(), region.disk.lineage())));
            case SenderOutput.SendEvents(var envelopes, var head) ->
                tell(new FollowerInput.Received(stream, envelopes, head));
            case SenderOutput.SendProgress(var head) -> tell(new FollowerInput.Progress(stream, head));
            case SenderOutput.SendForked(var fork) -> tell(new FollowerInput.ForkedTold(stream, fork));
            case SenderOutput.SendDiverged(var head, var message) ->
                tell(new FollowerInput.DivergedTold(stream, head, message));
            case SenderOutput.Acknowledged(var head) -> {
                MeshProcess process = region.process();
                if (process != null) {
                    process.acknowledged(region.world.member(replica).id, head);
                }
            }
            case SenderOutput.Fail(var reason) -> tell(new FollowerInput.StreamFailed(stream, reason));
        }
    }

    private void tell(FollowerInput input) {
        region.tell(replica, target -> {
            if (target.life() == life) {
                target.replication().feed(input);
            }
        });
    }
}
