package io.meridian.gateway;

import java.time.Duration;

/**
 * When the roll-out of a new version of a cluster, listener or route configuration halts: its proxies then go on with the version before,
 * until it changes again. Immutable.
 *
 * @param refusals so many proxies of this gateway have to refuse it; at least 1
 * @param share of its answers so far that are refusals; above 0, at most 1
 * @param answers so many answers there have to be, or as many as it was sent to if these are fewer; at least 1
 * @param watch how long after it was first sent refusals still halt it; zero: no roll-out ever halts
 */
public record RollOutPolicy(int refusals, double share, int answers, Duration watch) {
    /** 3 refusals, half of at least 10 answers, within a minute. */
    public static final RollOutPolicy DEFAULT = new RollOutPolicy(3, 0.5, 10, Duration.ofMinutes(1));

    public RollOutPolicy {
        if (refusals < 1) {
            throw new IllegalArgumentException("refusals is " + refusals + "; it has to be at least 1");
        }
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share is " + share + "; it has to be above 0 and at most 1");
        }
        if (answers < 1) {
            throw new IllegalArgumentException("answers is " + answers + "; it has to be at least 1");
        }
        if (watch.isNegative()) {
            throw new IllegalArgumentException("watch is " + watch + "; it must not be negative");
        }
    }

    /**
     * Whether it halts.
     *
     * @param accepted answers so far that accept it
     * @param refused proxies that refuse it
     * @param told streams that it was meant for when it came
     */
    public boolean halts(long accepted, long refused, long told) {
        long answered = accepted + refused;
        return refused >= refusals
                && (double) refused >= share * (double) answered
                && answered >= Math.min(answers, told);
    }
}
