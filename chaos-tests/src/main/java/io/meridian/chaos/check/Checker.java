package io.meridian.chaos.check;

import io.meridian.chaos.history.Recorded;
import java.util.List;

/** All rules, in their order. Pure. */
public final class Checker {
    private static final List<Rule> RULES = List.of(
            new OneWriterPerEpoch(),
            new SameLogEverywhere(),
            new ChainVerifies(),
            new HeadsNeverGoBack(),
            new AcknowledgedWritesStay(true),
            new AcknowledgedWritesStay(false),
            new NoCommandTwice(),
            new RealTimeOrder(),
            new ReadsHonourPositions(),
            new ServedNeverGoesBack(),
            new RegionsConverge(),
            new NoOkAfterTheEpoch(),
            new RefusedMeansAbsent());

    private Checker() {}

    /** @throws IllegalArgumentException if a log is unreadable or the history and the logs are not of one run */
    public static List<Verdict> check(Recorded history, Collected collected) {
        Evidence evidence = Evidence.of(history, collected);
        return RULES.stream().map(rule -> rule.judge(evidence)).toList();
    }
}
