package io.meridian.chaos.check;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.ResourceChange;
import io.meridian.api.events.v1.ResourcesApplied;
import io.meridian.chaos.client.Register;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded.Write;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The log of a mesh as one region holds it, with what can be looked up in it. Immutable. */
final class MeshLog {
    private final List<LoggedEvent> events;
    private final Map<Position, LoggedEvent> byPosition = new HashMap<>();
    /** By command id: its last event. */
    private final Map<String, LoggedEvent> lastOfCommand = new HashMap<>();

    private final Set<Long> epochs = new HashSet<>();

    private MeshLog(List<LoggedEvent> events) {
        this.events = List.copyOf(events);
        for (LoggedEvent event : events) {
            byPosition.put(event.position(), event);
            lastOfCommand.put(event.commandId(), event);
            epochs.add(event.position().epoch());
        }
    }

    static MeshLog of(List<Envelope> envelopes) {
        return new MeshLog(envelopes.stream().map(LoggedEvent::of).toList());
    }

    /** Oldest first. */
    List<LoggedEvent> events() {
        return events;
    }

    boolean holds(Position position) {
        return byPosition.containsKey(position);
    }

    /** Whether any event of that epoch is in it. */
    boolean holds(long epoch) {
        return epochs.contains(epoch);
    }

    /** Whether its own event, and no other, stands at the position that it was told. */
    boolean holds(Write write) {
        LoggedEvent event = write.position() == null ? null : at(write.position());
        return event != null && event.commandId().equals(write.id());
    }

    @Nullable
    LoggedEvent at(Position position) {
        return byPosition.get(position);
    }

    /** Null if there is no such command. */
    @Nullable
    LoggedEvent lastOfCommand(String id) {
        return lastOfCommand.get(id);
    }

    Position head() {
        return events.isEmpty() ? new Position(0, 0) : events.getLast().position();
    }

    /** The values that an event sets, by key. */
    static Map<String, Long> valuesSet(LoggedEvent event) {
        if (!event.header().getType().equals(ResourcesApplied.getDescriptor().getName())) {
            return Map.of();
        }
        Map<String, Long> values = new HashMap<>();
        try {
            for (ResourceChange change :
                    ResourcesApplied.parseFrom(event.envelope().getPayload()).getChangesList()) {
                if (change.hasPut() && change.getKey().getKind().equals(Register.KIND)) {
                    OptionalLong value = Register.value(change.getPut().getSpec());
                    value.ifPresent(set -> values.put(change.getKey().getName(), set));
                }
            }
            return values;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an unreadable payload at " + event.position(), e);
        }
    }
}
