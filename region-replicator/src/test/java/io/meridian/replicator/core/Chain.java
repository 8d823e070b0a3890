package io.meridian.replicator.core;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
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

    /** A log of the first {@code seq} events of {@code other}. */
    public static Chain upTo(Chain other, int seq) {
        Chain chain = new Chain(other.mesh);
        chain.events.addAll(other.events.subList(0, seq));
        return chain;
    }

    /** Appends one event of {@code payloadBytes} bytes. */
    public EventEnvelope add(Epoch epoch, String salt, int payloadBytes) {
        return add("OfNoVersionKnownHere", epoch, salt, payloadBytes);
    }

    /** Appends the first event of {@code epoch}. */
    public EventEnvelope open(Epoch epoch) {
        return add("SegmentOpened", epoch, "opened", 20);
    }

    private EventEnvelope add(String type, Epoch epoch, String salt, int payloadBytes) {
        Head head = head();
        long seq = head.position().seq() + 1;
        EventHeader header = EventHeader.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(epoch.value())
                .setSeq(seq)
                .setPrevHash(head.hash().bytes())
                .setType(type)
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

    /** Which epoch wrote what. */
    public Lineage lineage() {
        return lineage(events);
    }

    /** Which epoch wrote what of a log that begins with seq 1. */
    public static Lineage lineage(List<EventEnvelope> log) {
        Lineage lineage = Lineage.EMPTY;
        Epoch last = Epoch.NONE;
        for (EventEnvelope event : log) {
            if (!event.epoch().equals(last)) {
                last = event.epoch();
                lineage = lineage.plus(last, event.seq() - 1);
            }
        }
        return lineage;
    }

    /**
     * Takes {@code event} in place of what is stored at its seq.
     *
     * @return what left the log
     */
    public List<EventEnvelope> fork(EventEnvelope event) {
        List<EventEnvelope> behind = events.subList((int) event.seq() - 1, events.size());
        List<EventEnvelope> left = List.copyOf(behind);
        behind.clear();
        events.add(event);
        return left;
    }
}
