package io.meridian.chaos.simulation;

import java.util.SplittableRandom;

/** Carries messages between members: late, twice, out of order or not at all. Each direction between two members is cut by itself. */
final class Network {
    /**
     * How bad it is.
     *
     * @param loss the share of messages that never arrive
     * @param duplication the share that arrives twice
     * @param slowShare the share that takes up to {@code slowestMillis}
     */
    record Quality(
            double loss,
            double duplication,
            long fastestMillis,
            long usualMillis,
            double slowShare,
            long slowestMillis) {
        static final Quality HEALED = new Quality(0, 0, 1, 20, 0, 20);
    }

    private final Scheduler scheduler;
    private final SplittableRandom random;
    /** How many partitions cut the direction now. */
    private final int[][] cuts;

    private Quality quality;
    private long lost;

    Network(Scheduler scheduler, SplittableRandom random, int members, Quality quality) {
        this.scheduler = scheduler;
        this.random = random;
        this.quality = quality;
        cuts = new int[members][members];
    }

    void become(Quality next) {
        quality = next;
    }

    void cut(int from, int to) {
        cuts[from][to]++;
    }

    void mend(int from, int to) {
        cuts[from][to]--;
    }

    /** Members are named by their place in the world. */
    void send(int from, int to, Runnable delivery) {
        send(from, to, delivery, true);
    }

    /** As a call, which no transport makes twice. */
    void sendOnce(int from, int to, Runnable delivery) {
        send(from, to, delivery, false);
    }

    private void send(int from, int to, Runnable delivery, boolean perhapsTwice) {
        if (cuts[from][to] > 0 || random.nextDouble() < quality.loss()) {
            lost++;
            return;
        }
        scheduler.in(delay(), delivery);
        if (random.nextDouble() < quality.duplication() && perhapsTwice) {
            scheduler.in(delay(), delivery);
        }
    }

    private long delay() {
        long most = random.nextDouble() < quality.slowShare() ? quality.slowestMillis() : quality.usualMillis();
        return random.nextLong(quality.fastestMillis(), most + 1);
    }

    long lost() {
        return lost;
    }
}
