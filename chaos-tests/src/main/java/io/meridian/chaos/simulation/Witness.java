package io.meridian.chaos.simulation;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.function.Consumer;

/** A voter that keeps promises and heads and no events. Its promises are durable when it answers; what it was told of heads is forgotten when it dies. */
final class Witness extends Member {
    private static final long HEARTBEAT_MILLIS = 1_000;

    private Epoch promised = Epoch.NONE;
    private Head furthest;
    private long words;

    private long startedMillis;
    private Epoch leased = Epoch.NONE;
    private long leasedUntilMillis;

    Witness(World world, int place, RegionId id, Clock clock) {
        super(world, place, id, clock);
        furthest = Head.empty(world.mesh());
    }

    @Override
    void started() {
        startedMillis = clock.monotonicMillis();
        leased = Epoch.NONE;
        leasedUntilMillis = 0;
        beat();
    }

    @Override
    void died() {}

    private void beat() {
        say();
        after(HEARTBEAT_MILLIS, this::beat);
    }

    private void say() {
        PeerTable.Word word = new PeerTable.Word(life(), ++words, Head.empty(world.mesh()), promised);
        for (int to = 0; to < world.members(); to++) {
            if (to != place) {
                tell(to, member -> member.told(place, word));
            }
        }
    }

    @Override
    void told(int from, PeerTable.Word word) {
        if (word.head().position().compareTo(furthest.position()) > 0) {
            furthest = word.head();
        }
    }

    @Override
    void promise(int candidate, Epoch epoch, boolean automatic, Consumer<PromiseReply> reply) {
        String refusal = refusal(epoch, automatic);
        if (refusal.isEmpty() && epoch.compareTo(promised) > 0) {
            promised = epoch;
            world.trace(() -> id + " promises " + epoch);
            say();
        }
        reply.accept(new PromiseReply(refusal.isEmpty(), furthest, promised, refusal, true));
    }

    private String refusal(Epoch epoch, boolean automatic) {
        if (epoch.compareTo(promised) < 0) {
            return "promised " + promised;
        }
        if (epoch.compareTo(furthest.position().epoch()) <= 0) {
            return "heard of epoch " + furthest.position().epoch();
        }
        long now = clock.monotonicMillis();
        boolean blind = now < startedMillis + world.scenario().leaseMillis();
        boolean granted = now < leasedUntilMillis && leased.regionIndex() != epoch.regionIndex();
        return automatic && (blind || granted) ? "granted a lease to " + leased : "";
    }

    @Override
    void lease(int home, Epoch epoch, long lengthMillis, Consumer<Boolean> reply) {
        boolean granted =
                epoch.compareTo(promised) >= 0 && epoch.compareTo(furthest.position().epoch()) >= 0;
        if (granted) {
            leased = epoch;
            leasedUntilMillis = clock.monotonicMillis() + lengthMillis;
        }
        reply.accept(granted);
    }
}
