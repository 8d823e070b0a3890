package io.meridian.chaos.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.DivergentBranchDetected;
import io.meridian.api.events.v1.Envelope;
import io.meridian.chaos.history.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Every state that a mesh ever had, on the current branch or on one that was left behind, and the positions where it had it. Each value is
 * written once, so a state stands at several positions only where events between them set nothing. Immutable once made.
 */
final class EveryState {
    private static final String DETECTED =
            DivergentBranchDetected.getDescriptor().getName();
    /** What an event has before it that is the first. */
    private static final ByteString NOTHING = ByteString.copyFrom(new byte[32]);

    private final Map<Map<String, Long>, NavigableSet<Position>> places = new HashMap<>();

    private EveryState() {}

    /** @throws IllegalArgumentException if an event is unreadable */
    static EveryState of(Evidence.OfMesh mesh) {
        EveryState states = new EveryState();
        Map<ByteString, List<LoggedEvent>> followers = new HashMap<>();
        events(mesh)
                .values()
                .forEach(event -> followers
                        .computeIfAbsent(event.header().getPrevHash(), hash -> new ArrayList<>())
                        .add(event));
        Deque<Step> open = new ArrayDeque<>();
        open.add(new Step(NOTHING, Map.of()));
        while (!open.isEmpty()) {
            Step before = open.remove();
            for (LoggedEvent event : followers.getOrDefault(before.hash(), List.of())) {
                Map<String, Long> values = after(before.values(), event);
                states.places.computeIfAbsent(values, state -> new TreeSet<>()).add(event.position());
                open.add(new Step(event.envelope().getHash(), values));
            }
        }
        return states;
    }

    private record Step(ByteString hash, Map<String, Long> values) {}

    /** By hash: those in the regions' logs, and those that these record as left behind. */
    private static Map<ByteString, LoggedEvent> events(Evidence.OfMesh mesh) {
        Map<ByteString, LoggedEvent> events = new HashMap<>();
        Deque<LoggedEvent> found = new ArrayDeque<>();
        mesh.logs().values().forEach(log -> found.addAll(log.events()));
        while (!found.isEmpty()) {
            LoggedEvent event = found.remove();
            if (events.putIfAbsent(event.envelope().getHash(), event) == null) {
                leftBehind(event).stream().map(LoggedEvent::of).forEach(found::add);
            }
        }
        return events;
    }

    private static List<Envelope> leftBehind(LoggedEvent event) {
        if (!event.header().getType().equals(DETECTED)) {
            return List.of();
        }
        try {
            return DivergentBranchDetected.parseFrom(event.envelope().getPayload())
                    .getEnvelopesList();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an unreadable payload at " + event.position(), e);
        }
    }

    private static Map<String, Long> after(Map<String, Long> before, LoggedEvent event) {
        Map<String, Long> set = MeshLog.valuesSet(event);
        if (set.isEmpty()) {
            return before;
        }
        Map<String, Long> values = new HashMap<>(before);
        values.putAll(set);
        return Map.copyOf(values);
    }

    /** Where the mesh had exactly these values; nowhere if it never had. */
    NavigableSet<Position> of(Map<String, Long> values) {
        return places.getOrDefault(values, new TreeSet<>());
    }
}
