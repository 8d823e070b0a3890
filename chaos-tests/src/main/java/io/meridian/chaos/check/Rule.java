package io.meridian.chaos.check;

/** One rule. Pure. */
@FunctionalInterface
interface Rule {
    Verdict judge(Evidence evidence);
}
