package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Fault;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I5 for synchronous meshes: each acknowledged write is on the current branch, at the position that was told, with the value that was asked
 * for. I6 for the others: it is there, or a divergent branch lists its command at that position; and what a branch lists is not on the
 * current branch.
 *
 * <p>Excused from I6 (and counted) is a write that was only ever on a disk that a nemesis put back: acknowledged by an asynchronous
 * mesh's home before its disk went back, while no other region had been seen to hold its position. docs/replication.md says of LOCAL
 * that it does not survive that. Excused from I5 (and counted) is one that may have been on a disk before that was put back: its region then voted
 * without knowing of it. It must be listed in a divergent branch, unless the disks of two regions may have had it.
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
                boolean isListed = position.equals(
                        left.getOrDefault(write.mesh(), Map.of()).get(write.id()));
                long disks = history.run().regions().keySet().stream()
                        .filter(region -> restores.mayHaveForgotten(region, write.invoked(), write.completed()))
                        .count();
                if (disks >= (isListed ? 1 : 2)) {
                    excused++;
                } else {
                    violations.add(told(write) + " is not on the current branch");
                }
            } else if (position.equals(left.getOrDefault(write.mesh(), Map.of()).get(write.id()))) {
                listed++;
            } else if (wasOnlyOnALostDisk(history, write, position)) {
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
                        examined + ", of which " + excused + " were on a disk that was put back",
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

    private static boolean wasOnlyOnALostDisk(Recorded history, Write write, Position position) {
        for (Fault fault : history.faults()) {
            for (String region : fault.forgets()) {
                if (Integer.valueOf(position.writer())
                                .equals(history.run().regions().get(region))
                        && write.completed() <= end(history, fault)
                        && !seenElsewhere(history, write.mesh(), position, region, fault.time())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static long end(Recorded history, Fault restore) {
        return history.faults().stream()
                .filter(fault -> fault.phase().equals("healed")
                        && fault.time() >= restore.time()
                        && fault.what().equals(restore.what()))
                .mapToLong(Fault::time)
                .findFirst()
                .orElse(Recorded.NEVER);
    }

    private static boolean seenElsewhere(Recorded history, String mesh, Position position, String region, long until) {
        return history.heads().stream()
                .anyMatch(head -> head.time() < until
                        && head.mesh().equals(mesh)
                        && !head.region().equals(region)
                        && head.position().epoch() == position.epoch()
                        && head.position().seq() >= position.seq());
    }
}
