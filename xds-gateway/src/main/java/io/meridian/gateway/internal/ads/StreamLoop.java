package io.meridian.gateway.internal.ads;

import io.meridian.gateway.internal.feed.ViewLoop;
import io.meridian.gateway.internal.registry.Deliveries;
import io.meridian.gateway.internal.registry.SentMemo;
import io.meridian.gateway.internal.registry.Tellings;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One event loop, with what the streams that live on it have to tell. {@link #execute} and {@link #schedule} from any thread. */
final class StreamLoop implements ViewLoop {
    /** How long a stream that has to tell waits for others; part of the time that {@code meridian wait} takes. */
    private static final Duration GATHER = Duration.ofMillis(10);

    private static final Duration MOST_GATHER = Duration.ofMillis(50);
    /** So many that told at once make the next wait a millisecond longer. */
    private static final int TOLD_PER_MILLISECOND = 10;

    private final EventLoop loop;
    private final Deliveries deliveries;
    private final Tellings tellings = new Tellings();
    private final SentMemo sentMemo = new SentMemo(InstantSource.system());
    private @Nullable ScheduledFuture<?> telling;
    private long tellingNanos;
    private long gatherMillis = GATHER.toMillis();

    StreamLoop(EventLoop loop, Deliveries deliveries) {
        this.loop = loop;
        this.deliveries = deliveries;
    }

    /** Of the streams that live here. */
    Deliveries deliveries() {
        return deliveries;
    }

    /** Of the streams that live here. */
    SentMemo sentMemo() {
        return sentMemo;
    }

    boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    ScheduledFuture<?> schedule(Runnable task, long delayNanos) {
        return loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** On the loop: as {@link Tellings#due}; it will be asked to tell. */
    void due(Tellings.Teller teller, long nowNanos) {
        tellings.due(teller.place(), nowNanos);
        // One that may wait for its client is not worth a look before it has waited.
        long wait =
                teller.mayWait(nowNanos) ? Tellings.PATIENCE.toNanos() : TimeUnit.MILLISECONDS.toNanos(gatherMillis);
        tellAt(nowNanos + wait, nowNanos);
    }

    /** On the loop: as {@link Tellings#settled}. */
    void settled(Tellings.Teller teller) {
        tellings.settled(teller.place());
    }

    @Override
    public void whenTold(Runnable then) {
        tellings.whenTold(then);
    }

    private void tellAt(long nanos, long nowNanos) {
        if (telling != null) {
            if (nanos - tellingNanos >= 0) {
                return;
            }
            telling.cancel(false);
        }
        tellingNanos = nanos;
        telling = schedule(this::tell, Math.max(0, nanos - nowNanos));
    }

    private void tell() {
        telling = null;
        long now = System.nanoTime();
        int told = tellings.tell(now);
        gatherMillis = Math.clamp(told / TOLD_PER_MILLISECOND, GATHER.toMillis(), MOST_GATHER.toMillis());
        if (tellings.nextNanos() != Tellings.NEVER) {
            tellAt(tellings.nextNanos(), now);
        }
    }
}
