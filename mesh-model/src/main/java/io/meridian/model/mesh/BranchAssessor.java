package io.meridian.model.mesh;

import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry.Assessment;
import io.meridian.model.mesh.BranchEntry.Resolution;
import io.meridian.model.position.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what a forced failover left behind: which commands of an earlier home's tail the current branch has anyway, which can be brought
 * back, and which conflict with what came since. Pure and stateless.
 */
public final class BranchAssessor {
    private final Decider decider;

    public BranchAssessor(Decider decider) {
        this.decider = decider;
    }

    /**
     * One entry for each command of {@code tail}, in its order. Each is judged on the current state with the reappliable ones before it
     * brought back, as bringing them back in order will.
     *
     * @param current the state of the current branch
     * @param fork the last event that the branch shares with it
     * @param tail every event of the branch beyond the fork, in order; checked by the caller
     */
    public List<BranchEntry> assess(MeshState current, Head fork, List<EventEnvelope> tail) {
        Assessing assessing = new Assessing(current, fork.position().seq());
        return BranchedCommand.of(tail).stream().map(assessing::next).toList();
    }

    /** Why {@code command} cannot be brought back onto {@code state}, or what it would do there. */
    static Decision judge(
            Decider decider, MeshState state, long forkSeq, List<String> earlier, BranchedCommand command, Instant now)
            throws UnreadableEventException {
        List<MeshEvent> events = command.decode();
        Optional<String> conflict =
                BranchTouches.of(state, command.commandId(), events).conflict(forkSeq, earlier);
        if (conflict.isPresent()) {
            return conflict(command, conflict.get());
        }
        Decision decision = redecide(decider, state, command, events, now);
        if (decision instanceof Decision.Accepted accepted) {
            // It may touch more than it did: a namespace has got other objects since.
            return BranchTouches.of(state, command.commandId(), accepted.events())
                    .conflict(forkSeq, earlier)
                    .<Decision>map(why -> conflict(command, why))
                    .orElse(decision);
        }
        return decision;
    }

    /** What the command that wrote {@code events} would do in {@code state}, whatever happened since. */
    static Decision redecide(
            Decider decider, MeshState state, BranchedCommand command, List<MeshEvent> events, Instant now) {
        if (command.lacksEnd()) {
            EventHeader header = command.lastHeader();
            return conflict(
                    command,
                    "its last " + (header.getEventsInCommand() - header.getIndexInCommand() - 1) + " of "
                            + header.getEventsInCommand() + " events are missing");
        }
        Optional<MeshCommand> repeated = BranchReplay.command(events);
        if (repeated.isEmpty()) {
            return conflict(command, "its events are not what one command writes");
        }
        EventHeader header = command.lastHeader();
        return decider.decide(
                state,
                new CommandRequest(
                        state.id(),
                        command.commandId(),
                        header.getActor(),
                        header.getReason(),
                        header.getOriginRegion(),
                        Optional.empty(),
                        false,
                        repeated.get()),
                now);
    }

    private static Decision.Rejected conflict(BranchedCommand command, String why) {
        return Violations.rejected(RejectionCode.BRANCH_CONFLICT, "entry " + command.last(), "", why);
    }

    /** One pass over a branch. */
    private final class Assessing {
        private final MeshState current;
        private final long forkSeq;

        /** With what is brought back. */
        private MeshState imagined;

        private final List<String> earlier = new ArrayList<>();
        /** Objects that a command changed which is not brought back: what comes after builds on that. */
        private final Map<String, Position> blocked = new HashMap<>();
        /** Objects that only an operator may bring back. */
        private final Set<String> guarded = new HashSet<>();

        private Optional<Position> unreadable = Optional.empty();

        Assessing(MeshState current, long forkSeq) {
            this.current = current;
            this.forkSeq = forkSeq;
            imagined = current;
        }

        BranchEntry next(BranchedCommand command) {
            List<MeshEvent> events;
            try {
                events = command.decode();
            } catch (UnreadableEventException e) {
                unreadable = Optional.of(unreadable.orElse(command.last()));
                return entry(command, Assessment.CONFLICT, String.valueOf(e.getMessage()), true);
            }
            if (events.stream().allMatch(BranchReplay::isTechnical)) {
                return entry(command, Assessment.TECHNICAL, "of the log's own; there is nothing to bring back", false);
            }
            Set<String> objects =
                    BranchTouches.of(imagined, command.commandId(), events).objects();
            boolean operatorOnly =
                    SecurityRelevance.of(imagined, events) || objects.stream().anyMatch(guarded::contains);
            Optional<AppliedCommands.Applied> applied = current.applied().find(command.commandId());
            if (applied.isPresent() && isSame(command, applied.get())) {
                earlier.add(command.commandId());
                return entry(
                        command,
                        Assessment.DUPLICATE,
                        "applied on the current branch at position "
                                + applied.get().position(),
                        false);
            }
            if (operatorOnly) {
                guarded.addAll(objects);
            }
            Optional<String> conflict = applied.map(
                            other -> "its id was used for another command, applied at position " + other.position())
                    .or(() -> conflict(command, objects));
            if (conflict.isPresent()) {
                objects.forEach(object -> blocked.putIfAbsent(object, command.last()));
                return entry(command, Assessment.CONFLICT, conflict.get(), operatorOnly);
            }
            earlier.add(command.commandId());
            return entry(command, Assessment.REAPPLIABLE, "what it touches is untouched since the fork", operatorOnly);
        }

        /** If there is none, {@link #imagined} goes on. */
        private Optional<String> conflict(BranchedCommand command, Set<String> objects) {
            if (command.lacksBeginning()) {
                return Optional.of("its first events are on the current branch, and the last ones are not");
            }
            if (unreadable.isPresent()) {
                return Optional.of(
                        "it may build on the event at " + unreadable.get() + ", which this version cannot read");
            }
            Optional<String> base = objects.stream()
                    .filter(blocked::containsKey)
                    .sorted()
                    .findFirst()
                    .map(object -> "it builds on the change of " + object + " at " + blocked.get(object)
                            + ", which is not brought back");
            if (base.isPresent()) {
                return base;
            }
            Instant now = Timestamps.toInstant(command.lastHeader().getWallTime());
            Decision decision;
            try {
                decision = judge(decider, imagined, forkSeq, earlier, command, now);
            } catch (UnreadableEventException e) {
                throw new IllegalStateException("an event that was read once cannot be read again", e);
            }
            return switch (decision) {
                case Decision.Rejected(var violations) -> Optional.of(words(violations.getFirst()));
                case Decision.Accepted accepted -> {
                    if (!accepted.events().isEmpty()) {
                        imagined = HomeTurn.imagine(imagined, command.lastHeader(), accepted.events());
                    }
                    yield Optional.empty();
                }
            };
        }

        private static boolean isSame(BranchedCommand command, AppliedCommands.Applied applied) {
            return applied.fingerprint().equals(command.lastHeader().getCommandFingerprint());
        }

        private static String words(Violation violation) {
            if (violation.code() == RejectionCode.BRANCH_CONFLICT) {
                return violation.message();
            }
            String field = violation.field().isEmpty() ? "" : " " + violation.field();
            return "it would be refused now: " + violation.object() + field + ": " + violation.message();
        }

        private static BranchEntry entry(
                BranchedCommand command, Assessment assessment, String why, boolean operatorOnly) {
            boolean open = assessment == Assessment.REAPPLIABLE || assessment == Assessment.CONFLICT;
            return new BranchEntry(
                    command.commandId(),
                    command.first(),
                    command.last(),
                    assessment,
                    why,
                    operatorOnly,
                    open ? Resolution.OPEN : Resolution.NOT_NEEDED,
                    Optional.empty());
        }
    }
}
