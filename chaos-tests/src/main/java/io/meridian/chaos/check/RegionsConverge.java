package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Recorded.Converged;
import java.util.ArrayList;
import java.util.List;

/**
 * I11. After the last fault all regions held the same heads and took writes of every mesh within the time, and hold the same whole logs.
 */
final class RegionsConverge implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        Converged converged = evidence.history().converged();
        if (converged == null) {
            violations.add("the run ended before that was looked at");
        } else if (converged.outcome() != Outcome.OK) {
            violations.add("not within " + seconds(converged) + ": " + converged.error());
        }
        for (Evidence.OfMesh mesh : evidence.meshes().values()) {
            mesh.logs().forEach((region, log) -> {
                if (!log.head().equals(mesh.current().head())) {
                    violations.add(region + " has " + mesh.name() + " up to " + log.head() + ", others up to "
                            + mesh.current().head());
                }
            });
        }
        return new Verdict(
                "I11",
                "after the faults all regions agree and take writes",
                converged == null ? "not reached" : "after " + seconds(converged),
                violations);
    }

    private static String seconds(Converged converged) {
        return "%.1f s".formatted(converged.seconds());
    }
}
