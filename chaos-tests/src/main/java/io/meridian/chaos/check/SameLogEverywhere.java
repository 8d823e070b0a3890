package io.meridian.chaos.check;

import io.meridian.chaos.history.Recorded.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I2. As far as two regions' logs reach, they are the same bytes, at the end of the run; and during the run a state at one position was the
 * same state wherever it was seen. Excused is a state at a position that was lost with its writer's disk, before another region was seen to hold it.
 */
final class SameLogEverywhere implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        int events = 0;
        for (Evidence.OfMesh mesh : evidence.meshes().values()) {
            MeshLog current = mesh.current();
            events += current.events().size();
            mesh.logs().forEach((region, log) -> compare(mesh.name(), region, log, current, violations));
        }
        int states = statesAgree(evidence, violations);
        return new Verdict(
                "I2",
                "each region's log is the others', byte for byte",
                events + " events in " + evidence.history().run().regions().size() + " regions, " + states
                        + " states seen in more than one",
                violations);
    }

    private static void compare(String mesh, String region, MeshLog log, MeshLog current, List<String> violations) {
        int common = Math.min(log.events().size(), current.events().size());
        for (int i = 0; i < common; i++) {
            LoggedEvent here = log.events().get(i);
            LoggedEvent there = current.events().get(i);
            if (!here.envelope().equals(there.envelope())) {
                violations.add(mesh + " in " + region + ": event " + (i + 1) + " is " + here.position() + " and not "
                        + there.position() + " as elsewhere, or has other bytes");
                // What follows is another history.
                return;
            }
        }
    }

    private static int statesAgree(Evidence evidence, List<String> violations) {
        Map<String, Head> first = new HashMap<>();
        LostPositions lost = new LostPositions(evidence, new Restores(evidence.history()));
        int compared = 0;
        for (Head head : evidence.history().heads()) {
            if (lost.isOfALostEvent(head)) {
                continue;
            }
            String place = head.mesh() + " at " + head.position();
            Head earlier = first.putIfAbsent(place, head);
            if (earlier != null && !earlier.region().equals(head.region())) {
                compared++;
                if (!earlier.stateHash().equals(head.stateHash())) {
                    violations.add(
                            place + " has one state in " + earlier.region() + " and another in " + head.region());
                }
            }
        }
        return compared;
    }
}
