package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Read;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I8. The log is the linearization: what had ended before something else was called stands before it in the log. Of acknowledged writes and
 * of reads that demanded the newest known position, as far as they are on the current branch (what is not is I5's and I6's
 * matter). A write comes strictly after what had ended before it; a read may have the same position. And a conditional write stands right
 * after the position that it was conditional on.
 *
 * <p>Excused (and counted) are reads of an event that was lost with its writer's disk: its position may have been given again.
 */
final class RealTimeOrder implements Rule {
    private record Span(String what, long invoked, long completed, Position position, boolean write) {}

    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        LostPositions lost = new LostPositions(evidence, new Restores(evidence.history()));
        Map<String, List<Span>> spans = spans(evidence, lost);
        int operations = 0;
        for (var mesh : spans.entrySet()) {
            operations += mesh.getValue().size();
            inOrder(mesh.getKey(), mesh.getValue(), violations);
        }
        int conditional = conditions(evidence, violations);
        return new Verdict(
                "I8",
                "real time and the log agree (linearizable)",
                operations + " operations, " + conditional + " conditional; "
                        + evidence.history().reads().stream()
                                .filter(lost::isOfALostEvent)
                                .count()
                        + " reads may be of what was on a disk only that was put back",
                violations);
    }

    private static Map<String, List<Span>> spans(Evidence evidence, LostPositions lost) {
        Recorded history = evidence.history();
        Map<String, List<Span>> spans = new HashMap<>();
        for (Write write : history.writes()) {
            Position position = write.position();
            if (write.outcome() == Outcome.OK
                    && position != null
                    && evidence.mesh(write.mesh()).current().holds(write)) {
                spans.computeIfAbsent(write.mesh(), name -> new ArrayList<>())
                        .add(new Span("write " + write.id(), write.invoked(), write.completed(), position, true));
            }
        }
        for (Read read : history.reads()) {
            Position position = read.position();
            if (read.outcome() == Outcome.OK
                    && read.fresh()
                    && position != null
                    && evidence.mesh(read.mesh()).current().holds(position)
                    && !lost.isOfALostEvent(read)) {
                spans.computeIfAbsent(read.mesh(), name -> new ArrayList<>())
                        .add(new Span("read by " + read.process(), read.invoked(), read.completed(), position, false));
            }
        }
        return spans;
    }

    /** Walks through the calls in their order, with the furthest position that had been told before each. */
    private static void inOrder(String mesh, List<Span> spans, List<String> violations) {
        List<Span> byCall =
                spans.stream().sorted(Comparator.comparingLong(Span::invoked)).toList();
        List<Span> byEnd =
                spans.stream().sorted(Comparator.comparingLong(Span::completed)).toList();
        int ended = 0;
        Span furthest = null;
        for (Span span : byCall) {
            while (ended < byEnd.size() && byEnd.get(ended).completed() < span.invoked()) {
                Span end = byEnd.get(ended++);
                if (furthest == null
                        || end.position().seq() > furthest.position().seq()) {
                    furthest = end;
                }
            }
            if (furthest == null) {
                continue;
            }
            long order = Long.compare(span.position().seq(), furthest.position().seq());
            if (order < 0 || (order == 0 && span.write())) {
                violations.add(mesh + ": " + span.what() + " has " + span.position() + ", but was called after "
                        + furthest.what() + " had ended with " + furthest.position());
            }
        }
    }

    private static int conditions(Evidence evidence, List<String> violations) {
        int conditional = 0;
        for (Write write : evidence.history().writes()) {
            Position expected = write.expected();
            Position position = write.position();
            if (expected == null || position == null || write.outcome() != Outcome.OK) {
                continue;
            }
            MeshLog log = evidence.mesh(write.mesh()).current();
            LoggedEvent last = log.at(position);
            if (last != null && last.commandId().equals(write.id())) {
                conditional++;
                long first = position.seq() - last.header().getIndexInCommand();
                if (first != expected.seq() + 1 || !log.holds(expected)) {
                    violations.add(write.mesh() + ": write " + write.id() + " was conditional on " + expected
                            + " and stands at " + position);
                }
            }
        }
        return conditional;
    }
}
