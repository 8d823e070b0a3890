package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is durable of one mesh in one region, laid out as the journal does: a manifest, and a segment for each epoch. */
final class Disk {
    /** What became durable at once. */
    sealed interface Stored {
        record InManifest(List<ManifestEvent> events) implements Stored {}

        record InSegment(Epoch epoch, List<EventEnvelope> envelopes) implements Stored {}
    }

    /** As control-core's SegmentedLog reads it back; {@code lastIncarnation}: who wrote the last event, empty for an empty log. */
    record Opened(Manifest manifest, LogState state, String lastIncarnation) {}

    private final MeshId mesh;
    private final List<Stored> stored = new ArrayList<>();
    private final Map<Epoch, List<EventEnvelope>> segments = new LinkedHashMap<>();
    private Manifest manifest;

    Disk(MeshId mesh) {
        this.mesh = mesh;
        manifest = Manifest.empty(mesh);
    }

    Manifest manifest() {
        return manifest;
    }

    /** Every event on it by epoch, on the current branch or not. */
    Map<Epoch, List<EventEnvelope>> segments() {
        return segments;
    }

    List<EventEnvelope> segment(Epoch epoch) {
        return segments.getOrDefault(epoch, List.of());
    }

    void store(Stored what) {
        stored.add(what);
        apply(what);
    }

    private void apply(Stored what) {
        switch (what) {
            case Stored.InManifest(var events) -> {
                for (ManifestEvent event : events) {
                    manifest = manifest.next(event);
                }
            }
            case Stored.InSegment(var epoch, var envelopes) ->
                segments.computeIfAbsent(epoch, unknown -> new ArrayList<>()).addAll(envelopes);
        }
    }

    /** An old copy takes the place of what is there: what became durable first, {@code share} of it. */
    void restore(double share) {
        List<Stored> copy = List.copyOf(stored.subList(0, (int) (stored.size() * share)));
        stored.clear();
        segments.clear();
        manifest = Manifest.empty(mesh);
        copy.forEach(this::store);
    }

    /** The manifest without segments that have no event yet, at its end. */
    private Manifest effective() {
        Manifest effective = manifest;
        while (effective.current().isPresent()
                && segment(effective.current().get().epoch()).isEmpty()) {
            effective = effective.next(
                    new ManifestEvent.SegmentDropped(effective.current().get().epoch()));
        }
        return effective;
    }

    Head head() {
        return effective()
                .current()
                .map(segment -> segment(segment.epoch()).getLast().head())
                .orElse(Head.empty(mesh));
    }

    Lineage lineage() {
        return new Lineage(effective().segments().stream()
                .map(segment -> new Lineage.Segment(segment.epoch(), segment.baseSeq()))
                .toList());
    }

    /** Events of the current branch. */
    List<EventEnvelope> read(long afterSeq, int max) {
        return read(effective(), afterSeq, max);
    }

    List<EventEnvelope> readTail(Manifest.Tail tail, long afterSeq, int max) {
        long from = Math.max(afterSeq, tail.first().seq() - 1);
        long left = tail.last().position().seq() - from;
        return read(manifest.before(tail.by()), from, Math.clamp(left, 0, max));
    }

    private List<EventEnvelope> read(Manifest of, long afterSeq, int max) {
        List<EventEnvelope> events = new ArrayList<>();
        for (Manifest.Segment segment : of.segments()) {
            long last = of.lastSeqOf(segment);
            for (EventEnvelope envelope : segment(segment.epoch())) {
                if (envelope.seq() > afterSeq && envelope.seq() <= last && events.size() < max) {
                    events.add(envelope);
                }
            }
        }
        return events;
    }

    Optional<Hash> hashAt(long seq) {
        return read(seq - 1, 1).stream()
                .filter(envelope -> envelope.seq() == seq)
                .map(EventEnvelope::hash)
                .findFirst();
    }

    /** What {@link #open} would first make durable: a segment that was listed and never got its first event is dropped. */
    List<ManifestEvent> repairs() {
        List<ManifestEvent> repairs = new ArrayList<>();
        Manifest left = manifest;
        while (left.current().isPresent()
                && segment(left.current().get().epoch()).isEmpty()) {
            ManifestEvent drop =
                    new ManifestEvent.SegmentDropped(left.current().get().epoch());
            repairs.add(drop);
            left = left.next(drop);
        }
        return repairs;
    }

    /** Reads the log back, verified. Throws LogDamagedException. */
    Opened open() {
        if (manifest.current().isEmpty()) {
            return new Opened(manifest, LogState.empty(mesh), "");
        }
        Manifest.Segment current = manifest.current().get();
        Head base = current.baseSeq() == 0
                ? Head.empty(mesh)
                : read(current.baseSeq() - 1, 1).stream()
                        .findFirst()
                        .map(EventEnvelope::head)
                        .orElseThrow(() -> new LogDamagedException("event " + current.baseSeq() + " is missing"));
        LogState state = LogState.before(base);
        String incarnation = "";
        for (EventEnvelope envelope : segment(current.epoch())) {
            state = state.next(envelope);
            incarnation = envelope.header().getWriterIncarnation();
        }
        return new Opened(manifest, state, incarnation);
    }
}
