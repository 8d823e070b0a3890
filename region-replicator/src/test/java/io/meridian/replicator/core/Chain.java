package io.meridian.replicator.core;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;

/** A log of well-formed events with payloads that mean nothing: replication must not care. Mutable. */
public final class Chain {
    private final MeshId mesh;
    private final List<EventEnvelope> events = new ArrayList<>();

    public Chain(MeshId mesh) {
        this.mesh = mesh;
    }

    /** Appends one event of {@code payloadBytes} bytes. */
    public EventEnvelope add(Epoch epoch, String salt, int payloadBytes) {
        Head head = head();
        long seq = head.position().seq() + 1;
        EventHeader header = EventHeader.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(epoch.value())
                .setSeq(seq)
                .setPrevHash(head.hash().bytes())
                .setType("OfNoVersionKnownHere")
                .setSchemaVersion(99)
                .setCommandId(salt + "-" + seq)
                .build();
        EventEnvelope event = EventEnvelope.seal(header, ByteString.copyFrom(new byte[payloadBytes]));
        events.add(event);
        return event;
    }

    public Chain add(Epoch epoch, int count) {
        for (int i = 0; i < count; i++) {
            add(epoch, "a", 20);
        }
        return this;
    }

    public Head head() {
        return events.isEmpty() ? Head.empty(mesh) : events.getLast().head();
    }

    public int size() {
        return events.size();
    }

    /** From seq 1. */
    public List<EventEnvelope> events() {
        return List.copyOf(events);
    }

    public List<EventEnvelope> read(long afterSeq, int max) {
        int from = (int) Math.min(afterSeq, events.size());
        return List.copyOf(events.subList(from, (int) Math.min((long) from + max, events.size())));
    }

    /** Stores an event that a replica judged to be the next. */
    public void append(EventEnvelope event) {
        events.add(event);
    }
}
