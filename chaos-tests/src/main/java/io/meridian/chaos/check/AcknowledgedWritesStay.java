package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * I5 for synchronous meshes: each acknowledged write is on the current branch, at the position that was told, with the value that was asked
 * for. I6 for the others: it is there, or a divergent branch lists its command at that position; and what a branch lists is not on the
 * current branch.
 *
 * <p>Excused from I6 (and counted) is a write that was only ever on a disk that a nemesis put back: acknowledged by an asynchronous
 * mesh's home before its disk went back, while no other region had been seen to hold its position. docs/replication.md says of LOCAL
 * that it does not survive that. Excused from I5 (and counted) is one where the disks of so many regions were put back as hold it and are in any majority,
 * one for {@code SYNC(1)} in three regions, two for {@code SYNC(2)}: each of them either may have had it, and then voted without knowing of it; or
 * promised the next epoch of the current branch, forgot that, and acknowledged the write in the earlier one. It must be listed in a divergent branch, unless
 * the disks of all that it takes to hold it may have had it.
 */
final class AcknowledgedWritesStay implements Rule {
    private final boolean synchronous;

    AcknowledgedWritesStay(boolean synchronous) {
        this.synchronous = synchronous;
    }

    @Override
    public Verdict judge(Evidence evidence) {
        Recorded history = evidence.history();
        List<String> violations = new ArrayList<>();
        Map<String, Map<String, Position>> left = left(evidence, violations);
        Restores restores = new Restores(history);
        ForgottenPromises promises = new ForgottenPromises(evidence, restores);
        int acknowledged = 0;
        int listed = 0;
        int excused = 0;
        for (Write write : history.writes()) {
            Position position = write.position();
            if (write.outcome() != Outcome.OK
                    || position == null
                    || history.run().isSynchronous(write.mesh()) != synchronous) {
                continue;
            }
            acknowledged++;
            LoggedEvent event = evidence.mesh(write.mesh()).current().at(position);
            if (event != null && event.commandId().equals(write.id())) {
                if (!Long.valueOf(write.value()).equals(MeshLog.valuesSet(event).get(write.key()))) {
                    violations.add(told(write) + " set another value there");
                }
            } else if (synchronous) {
                Set<String> forgot = history.run().regions().keySet().stream()
                        .filter(region -> restores.mayHaveForgotten(region, write.invoked(), write.completed()))
                        .collect(Collectors.toSet());
                boolean accounted = position.equals(
                                left.getOrDefault(write.mesh(), Map.of()).get(write.id()))
                        || forgot.size() > history.run().meshes().getOrDefault(write.mesh(), 0);
                forgot.addAll(promises.of(write.mesh(), position, write.completed()));
                if (accounted && forgot.size() >= history.run().sharedVoters(write.mesh())) {
                    excused++;
                } else {
                    violations.add(told(write) + " is not on the current branch");
                }
            } else if (position.equals(left.getOrDefault(write.mesh(), Map.of()).get(write.id()))) {
                listed++;
            } else if (restores.mayHaveBeenLost(write.mesh(), position, write.invoked(), write.completed())) {
                excused++;
            } else {
                violations.add(told(write) + " is neither on the current branch nor listed in a divergent one");
            }
        }
        String examined = acknowledged + " acknowledged writes";
        return synchronous
                ? new Verdict(
                        "I5",
                        "acknowledged writes of synchronous meshes are in force",
                        examined + ", of which " + excused
                                + " were on a disk that was put back, or with a promise that was forgotten so",
                        violations)
                : new Verdict(
                        "I6",
                        "acknowledged writes of asynchronous meshes are in force or listed",
                        examined + ", of which " + listed + " are listed in divergent branches and " + excused
                                + " were on a disk that was put back only",
                        violations);
    }

    private static String told(Write write) {
        return write.mesh() + ": write " + write.id() + " of " + write.key() + ", acknowledged at " + write.position();
    }

    /** By mesh and command: where it stands on a branch that was abandoned. */
    private Map<String, Map<String, Position>> left(Evidence evidence, List<String> violations) {
        Map<String, Map<String, Position>> all = new HashMap<>();
        for (Evidence.OfMesh mesh : evidence.meshes().values()) {
            if (evidence.history().run().isSynchronous(mesh.name()) == synchronous) {
                for (Evidence.Left left : mesh.left()) {
                    all.computeIfAbsent(mesh.name(), name -> new HashMap<>())
                            .put(left.entry().getCommandId(), left.last());
                    if (mesh.current().holds(left.last())) {
                        violations.add(mesh.name() + ": branch " + left.branch() + " lists "
                                + left.entry().getCommandId() + " at " + left.last()
                                + ", which is on the current branch");
                    }
                }
            }
        }
        return all;
    }
}
