package io.meridian.chaos.simulation;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is true of a run whatever any region believes: every event that ever became durable, every OK that was given, which guarantees faults took away. */
final class Facts {
    /** A home answered OK to a write at {@code position}. */
    record Okay(long atMillis, Position position) {}

    private final World world;
    private final Map<Position, EventEnvelope> written = new HashMap<>();
    private final Map<Epoch, MeshEvent.SegmentOpened> openings = new TreeMap<>();
    private final List<Okay> okays = new ArrayList<>();
    private final Set<Position> rolledBack = new HashSet<>();
    private final Set<Position> lostWithADisk = new HashSet<>();
    private int restoredDisks;
    private boolean promiseLost;
    private boolean wentOnAlone;
    private boolean operatorWaives;
    private boolean majorityWaived;
    private long acknowledged;

    Facts(World world) {
        this.world = world;
    }

    void stored(Region region, Disk.Stored what) {
        if (what instanceof Disk.Stored.InSegment(var epoch, var envelopes)) {
            for (EventEnvelope envelope : envelopes) {
                EventEnvelope known = isLostWithADisk(envelope.position())
                        ? written.put(envelope.position(), envelope)
                        : written.putIfAbsent(envelope.position(), envelope);
                if (known == null && envelope.opensSegment()) {
                    opened(envelope);
                }
            }
        }
    }

    private void opened(EventEnvelope envelope) {
        MeshEvent.SegmentOpened opened = (MeshEvent.SegmentOpened) decoded(envelope);
        openings.put(envelope.epoch(), opened);
        majorityWaived |= operatorWaives
                && opened.takeover().map(Takeover::getWithoutMajority).orElse(false);
    }

    static MeshEvent decoded(EventEnvelope envelope) {
        try {
            return EventCodec.decode(envelope);
        } catch (UnreadableEventException e) {
            throw new InvariantViolation("READABLE", "event " + envelope.position() + " cannot be read", e);
        }
    }

    /** The region's disk is an older copy now. */
    void restored(Region region) {
        restoredDisks++;
        Set<Position> left = new HashSet<>();
        world.regionsWithEvents()
                .forEach(any -> any.disk.segments().values().stream()
                        .flatMap(Collection::stream)
                        .forEach(envelope -> left.add(envelope.position())));
        written.keySet().stream().filter(position -> !left.contains(position)).forEach(lostWithADisk::add);
    }

    void operatorWaivesMajority() {
        operatorWaives = true;
    }

    void promiseLost() {
        promiseLost = true;
    }

    void okay(long atMillis, Position position) {
        okays.add(new Okay(atMillis, position));
    }

    void acknowledged() {
        acknowledged++;
    }

    long acknowledgedWrites() {
        return acknowledged;
    }

    void rolledBack(Position position) {
        rolledBack.add(position);
    }

    Set<Position> toldRolledBack() {
        return rolledBack;
    }

    Map<Position, EventEnvelope> written() {
        return written;
    }

    Map<Epoch, MeshEvent.SegmentOpened> openings() {
        return openings;
    }

    /** Two regions created the mesh before they heard of each other: one branch too many, like after a failover. */
    boolean createdTwice() {
        return openings.values().stream()
                        .filter(opened -> opened.cause() == Cause.GENESIS)
                        .count()
                > 1;
    }

    List<Okay> okays() {
        return okays;
    }

    /** Gone with the newer part of a disk before any other region held it. */
    boolean isLostWithADisk(Position position) {
        return lostWithADisk.contains(position);
    }

    boolean majorityWaived() {
        return majorityWaived;
    }

    /** A home of two voters went on though the other did not answer. */
    void wentOnAlone() {
        wentOnAlone = true;
    }

    /**
     * docs/failover.md promises nothing any more: a pair without a third voice, one of whose disks is an older copy, went on alone; or a change of members was
     * lost with the only disk that held it, and those who were told of it wait for an operator's word.
     */
    boolean beyondPromises() {
        return (wentOnAlone && restoredDisks > 0)
                || lostWithADisk.stream()
                        .map(written::get)
                        .anyMatch(event -> event != null && AcknowledgedMembersStay.isChange(event));
    }

    int restoredDisks() {
        return restoredDisks;
    }

    /**
     * Whether whoever takes over meets somebody who holds every acknowledged write: those who hold it, and a majority of voters, have more members in
     * common than disks were lost; no operator waived the majority, and no voter forgot what it promised.
     */
    boolean synchronous() {
        int replicas = world.scenario().syncReplicas();
        // With the most members that there may come to be: fewer share more.
        int members = world.scenario().members();
        int shared = replicas + 1 + (members / 2 + 1) - members;
        return replicas > 0 && shared > restoredDisks && !majorityWaived && !promiseLost;
    }

    /** At the end, when all logs are equal: the log of the highest head. */
    Region winner() {
        return world.regionsWithEvents().stream()
                .max(Comparator.comparing(region -> region.disk.head().position()))
                .orElseThrow();
    }

    /** The winner's branch by seq. */
    List<EventEnvelope> branch() {
        return winner().disk.read(0, Integer.MAX_VALUE);
    }

    /** Positions that lie on a recorded divergent branch of {@code branch}. */
    static Set<Position> recorded(List<EventEnvelope> branch) {
        Set<Position> recorded = new HashSet<>();
        for (EventEnvelope envelope : branch) {
            if (envelope.header().getType().equals("DivergentBranchDetected")
                    && decoded(envelope) instanceof MeshEvent.DivergentBranchDetected detected) {
                detected.envelopes().forEach(event -> recorded.add(event.position()));
            }
        }
        return recorded;
    }

    static Set<Position> positions(List<EventEnvelope> branch) {
        Set<Position> positions = new HashSet<>();
        branch.forEach(envelope -> positions.add(envelope.position()));
        return positions;
    }
}
