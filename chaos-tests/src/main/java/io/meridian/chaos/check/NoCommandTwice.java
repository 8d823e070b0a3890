package io.meridian.chaos.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * I7. On the current branch a command's events stand together, in order and complete, and no command comes a second time. Of every region's
 * log, in case they differ.
 */
final class NoCommandTwice implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        int commands = 0;
        for (Evidence.OfMesh mesh : evidence.meshes().values()) {
            for (var log : mesh.logs().entrySet()) {
                commands += examine(mesh.name() + " in " + log.getKey() + ": ", log.getValue(), violations);
            }
        }
        return new Verdict("I7", "no command is applied twice", commands + " commands in all logs", violations);
    }

    private static int examine(String where, MeshLog log, List<String> violations) {
        Set<String> seen = new HashSet<>();
        int next = 0;
        String running = "";
        for (LoggedEvent event : log.events()) {
            String id = event.commandId();
            if (next > 0 && !id.equals(running)) {
                violations.add(where + "command " + running + " is cut off by " + event.position());
                next = 0;
            }
            if (event.header().getIndexInCommand() != next) {
                violations.add(where + event.position() + " is event "
                        + event.header().getIndexInCommand() + " of its command, not " + next);
            }
            // What the log writes of its own accord has no id.
            if (event.isFirstOfCommand() && !id.isEmpty() && !seen.add(id)) {
                violations.add(where + "command " + id + " is applied again at " + event.position());
            }
            running = id;
            next = event.isLastOfCommand() ? 0 : event.header().getIndexInCommand() + 1;
        }
        return seen.size();
    }
}
