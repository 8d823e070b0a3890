package io.meridian.core.internal;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An entity's life around its open log: the log is read back while callers wait, then {@link MeshEntity} takes over. If the log is damaged, every
 * call is answered with the position and the reason until a pause has passed. After a failure of an open log the entity is closed at once and reads
 * it back at the next call only: two incarnations that fight over one log do not fight in a loop.
 */
final class MeshOpening {
    private static final Logger LOG = LoggerFactory.getLogger(MeshOpening.class);
    private static final Duration RETRY = Duration.ofSeconds(5);

    /** Time to try again. */
    private enum GiveWay implements MeshMessage.Internal {
        INSTANCE
    }

    private final ActorContext<MeshMessage> context;
    private final TimerScheduler<MeshMessage> timers;
    private final StashBuffer<MeshMessage> stash;
    private final Region region;
    private final MeshId mesh;
    /** Whether no log actor of an earlier opening is left. */
    private boolean logEnded = true;

    private MeshOpening(
            ActorContext<MeshMessage> context,
            TimerScheduler<MeshMessage> timers,
            StashBuffer<MeshMessage> stash,
            Region region,
            MeshId mesh) {
        this.context = context;
        this.timers = timers;
        this.stash = stash;
        this.region = region;
        this.mesh = mesh;
    }

    static Behavior<MeshMessage> create(MeshId mesh, Region region) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> Behaviors.withStash(
                region.settings().maxWaiting(),
                stash -> new MeshOpening(context, timers, stash, region, mesh).open())));
    }

    private Behavior<MeshMessage> open() {
        logEnded = false;
        ActorRef<SegmentedLog.Message> log = context.spawn(
                SegmentedLog.create(
                        mesh,
                        region.reader(),
                        region.reads(),
                        region.settings().snapshotEvery(),
                        region.fenced(),
                        context.getSelf().narrow()),
                "log");
        context.watch(log);
        return Behaviors.receive(MeshMessage.class)
                .onMessage(SegmentedLog.Opened.class, opened -> opened(log, opened))
                .onMessage(SegmentedLog.Broken.class, broken -> broken(broken.reason()))
                .onMessage(MeshMessage.Stop.class, stop -> stop())
                .onSignal(Terminated.class, signal -> {
                    logEnded = true;
                    return broken("its log ended while it was read back");
                })
                .onAnyMessage(this::stash)
                .build();
    }

    private Behavior<MeshMessage> stash(MeshMessage message) {
        if (stash.isFull()) {
            refuse(message, "mesh " + mesh + " is being read back and " + stash.size() + " calls wait already");
        } else {
            stash.stash(message);
        }
        return Behaviors.same();
    }

    private Behavior<MeshMessage> opened(ActorRef<SegmentedLog.Message> log, SegmentedLog.Opened opened) {
        LOG.info(
                "mesh opened: mesh={} position={} epochPromised={}",
                mesh,
                opened.state().head().position(),
                opened.manifest().promised());
        region.heads().publish(opened.state().head());
        region.heads().recorded(opened.manifest());
        return stash.unstashAll(new MeshEntity(context, timers, region, log, this::closed, opened).behavior());
    }

    private Behavior<MeshMessage> broken(String reason) {
        LOG.error("mesh cannot be opened: mesh={} reason=\"{}\"", mesh, reason);
        timers.startSingleTimer(GiveWay.INSTANCE, GiveWay.INSTANCE, RETRY);
        Behavior<MeshMessage> refusing = Behaviors.receive(MeshMessage.class)
                .onMessage(GiveWay.class, giveWay -> closed(logEnded))
                .onMessage(MeshMessage.Stop.class, stop -> Behaviors.stopped())
                .onSignal(Terminated.class, signal -> {
                    logEnded = true;
                    return Behaviors.same();
                })
                .onAnyMessage(message -> {
                    refuse(message, reason);
                    return Behaviors.same();
                })
                .build();
        return stash.unstashAll(refusing);
    }

    /**
     * After a failure: nothing is in memory any more. What is called while the log's actor still ends waits; the next call opens the log again.
     *
     * @param ended whether the log's actor has ended
     */
    private Behavior<MeshMessage> closed(boolean ended) {
        logEnded = ended;
        return Behaviors.receive(MeshMessage.class)
                .onMessage(MeshMessage.Stop.class, stop -> stop())
                .onMessage(MeshMessage.Internal.class, late -> Behaviors.same())
                .onSignal(Terminated.class, signal -> {
                    logEnded = true;
                    return stash.isEmpty() ? Behaviors.same() : open();
                })
                .onAnyMessage(call -> {
                    stash(call);
                    return logEnded ? open() : Behaviors.same();
                })
                .build();
    }

    private Behavior<MeshMessage> stop() {
        stash.forEach(message -> refuse(message, "mesh " + mesh + " is moving to another node"));
        return Behaviors.stopped();
    }

    private static void refuse(MeshMessage message, String reason) {
        switch (message) {
            case MeshMessage.Execute execute ->
                execute.replyTo().tell(new MeshMessage.Outcome(new CommandOutcome.Unavailable(reason, RETRY)));
            case MeshMessage.Append append -> append.replyTo().tell(new MeshMessage.AppendFailed(reason));
            case MeshMessage.GetState get -> get.replyTo().tell(new MeshMessage.StateFailed(reason));
            case MeshMessage.Call call -> call.replyTo().tell(new MeshMessage.CallFailed(reason));
            case MeshMessage.Acknowledged acknowledged -> {}
            case MeshMessage.Poke poke -> {}
            case MeshMessage.Stop stop -> {}
            case MeshMessage.Internal internal -> {}
        }
    }
}
