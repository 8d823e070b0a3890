package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.List;

/**
 * F. The answers to writes mean what they say: a write of which all attempts were certainly not executed or refused is in no log and on no
 * branch.
 */
final class RefusedMeansAbsent implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        int refused = 0;
        int unknown = 0;
        int happened = 0;
        for (Write write : evidence.history().writes()) {
            Evidence.OfMesh mesh = evidence.mesh(write.mesh());
            boolean there = mesh.logs().values().stream().anyMatch(log -> log.lastOfCommand(write.id()) != null)
                    || mesh.left().stream()
                            .anyMatch(left -> left.entry().getCommandId().equals(write.id()));
            if (write.outcome() == Outcome.FAIL) {
                refused++;
                if (there) {
                    violations.add(
                            write.mesh() + ": write " + write.id() + " was refused, and is in the log all the same");
                }
            } else if (write.outcome() == Outcome.INFO) {
                unknown++;
                happened += there ? 1 : 0;
            }
        }
        return new Verdict(
                "F",
                "a refused write did not happen",
                refused + " refused; of " + unknown + " with an unknown outcome " + happened + " happened",
                violations);
    }
}
