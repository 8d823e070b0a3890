package io.meridian.chaos;

import io.meridian.chaos.check.Verdict;
import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Converged;
import io.meridian.chaos.history.Recorded.Fault;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a person reads in the end: a line for each rule, and one of figures. Pure. */
public record Report(Recorded history, List<Verdict> verdicts) {
    public Report {
        verdicts = List.copyOf(verdicts);
    }

    public boolean holds() {
        return verdicts.stream().allMatch(Verdict::holds);
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        verdicts.forEach(verdict -> lines.addAll(verdict.lines()));
        lines.add(figures());
        return lines;
    }

    /** What faults counted, all together; empty if none did. */
    private String counted() {
        Map<String, Long> sums = new TreeMap<>();
        for (Fault fault : history.faults()) {
            fault.counts().forEach((what, count) -> sums.merge(what, count, Long::sum));
        }
        return sums.entrySet().stream()
                .map(sum -> " " + sum.getKey() + "=" + sum.getValue())
                .collect(Collectors.joining());
    }

    private String figures() {
        Converged converged = history.converged();
        return ("chaos seed=%d faults=%d skipped=%d writes=%d ok=%d fail=%d unknown=%d reads=%d reads_ok=%d moves=%d moves_ok=%d"
                        + " heads=%d served=%d%s converged=%s rules=%d violated=%d")
                .formatted(
                        history.run().seed(),
                        faults("start"),
                        faults("skipped"),
                        history.writes().size(),
                        writes(Outcome.OK),
                        writes(Outcome.FAIL),
                        writes(Outcome.INFO),
                        history.reads().size(),
                        history.reads().stream()
                                .filter(read -> read.outcome() == Outcome.OK)
                                .count(),
                        history.moves().size(),
                        history.moves().stream()
                                .filter(move -> move.outcome() == Outcome.OK)
                                .count(),
                        history.heads().size(),
                        history.served().size(),
                        counted(),
                        converged == null || converged.outcome() != Outcome.OK
                                ? "never"
                                : "%.1fs".formatted(converged.seconds()),
                        verdicts.size(),
                        verdicts.stream().filter(verdict -> !verdict.holds()).count());
    }

    private long faults(String phase) {
        return history.faults().stream()
                .filter(fault -> fault.phase().equals(phase))
                .count();
    }

    private long writes(Outcome outcome) {
        return history.writes().stream()
                .map(Write::outcome)
                .filter(outcome::equals)
                .count();
    }
}
