package io.meridian.model.mesh;

import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;

/** The events of one command on a divergent branch, as far as they are there. Immutable. */
record BranchedCommand(List<EventEnvelope> envelopes) {
    BranchedCommand {
        envelopes = List.copyOf(envelopes);
        if (envelopes.isEmpty()) {
            throw new IllegalArgumentException("a command on a branch has at least one event");
        }
    }

    /** In order; each event belongs to the command whose first event precedes it. */
    static List<BranchedCommand> of(List<EventEnvelope> tail) {
        List<BranchedCommand> commands = new ArrayList<>();
        List<EventEnvelope> current = new ArrayList<>();
        for (EventEnvelope envelope : tail) {
            if (envelope.header().getIndexInCommand() == 0 && !current.isEmpty()) {
                commands.add(new BranchedCommand(current));
                current.clear();
            }
            current.add(envelope);
        }
        if (!current.isEmpty()) {
            commands.add(new BranchedCommand(current));
        }
        return commands;
    }

    String commandId() {
        return lastHeader().getCommandId();
    }

    Position first() {
        return envelopes.getFirst().position();
    }

    Position last() {
        return envelopes.getLast().position();
    }

    EventHeader lastHeader() {
        return envelopes.getLast().header();
    }

    /** Its first events are not among these: the fork runs through the command. */
    boolean lacksBeginning() {
        return envelopes.getFirst().header().getIndexInCommand() > 0;
    }

    boolean lacksEnd() {
        return lastHeader().getIndexInCommand() + 1 < lastHeader().getEventsInCommand();
    }

    List<MeshEvent> decode() throws UnreadableEventException {
        List<MeshEvent> events = new ArrayList<>(envelopes.size());
        for (EventEnvelope envelope : envelopes) {
            events.add(EventCodec.decode(envelope));
        }
        return events;
    }
}
