package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Output;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.Manifest;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes writes durable as control-core's SegmentedLog does: the manifest's part, then the log's, each all or none, each a while later. What is on its
 * way when the process dies may get there or not.
 */
final class Journal {
    /** With {@link Mutant#ACKNOWLEDGED_BEFORE_DURABLE}: what was confirmed is durable so much later. */
    private static final long LATE_MILLIS = 40;

    private final Region region;
    private final MeshProcess owner;
    private final World world;
    private final SplittableRandom random;
    private boolean dead;
    private boolean failing;
    private Output.@Nullable Write pending;

    Journal(Region region, MeshProcess owner) {
        this.region = region;
        this.owner = owner;
        this.world = region.world;
        random = world.diskRandom();
    }

    void failNext(boolean fails) {
        failing = fails;
    }

    /** One at a time. */
    void write(Output.Write write) {
        if (pending != null) {
            throw new InvariantViolation(
                    "ONE WRITE", "a write was given to the journal before the last was confirmed", null);
        }
        pending = write;
        if (failing) {
            failing = false;
            region.after(latency(), () -> {
                perhapsStore();
                dead = true;
                owner.broken("no space left on the device");
            });
        } else if (world.has(Mutant.ACKNOWLEDGED_BEFORE_DURABLE)) {
            region.after(1, this::confirm);
        } else {
            world.scheduler().in(latency(), this::storeManifest);
        }
    }

    void die() {
        if (!dead) {
            perhapsStore();
            dead = true;
        }
    }

    private void perhapsStore() {
        Output.Write write = pending;
        pending = null;
        if (write == null || random.nextDouble() < 0.6) {
            return;
        }
        store(write.manifest());
        if (random.nextBoolean() && canOpen(write.segment())) {
            store(write.segment());
        }
    }

    private void storeManifest() {
        Output.Write write = pending;
        if (dead || write == null) {
            return;
        }
        store(write.manifest());
        if (write.segment().isEmpty()) {
            stored();
        } else {
            pending = new Output.Write(List.of(), write.segment());
            world.scheduler().in(latency(), () -> storeSegment(write.segment()));
        }
    }

    private void storeSegment(Optional<Output.Write.Segment> segment) {
        if (dead) {
            return;
        }
        if (!canOpen(segment)) {
            dead = true;
            region.after(1, () -> owner.broken("a segment is to be opened and has events already"));
            return;
        }
        store(segment);
        stored();
    }

    private void stored() {
        region.after(1, this::confirm);
    }

    private void confirm() {
        Output.Write write = pending;
        pending = null;
        if (world.has(Mutant.ACKNOWLEDGED_BEFORE_DURABLE) && write != null) {
            world.scheduler().in(LATE_MILLIS, () -> {
                if (!dead) {
                    store(write.manifest());
                    store(write.segment());
                }
            });
        }
        if (!dead) {
            owner.written();
        }
    }

    private void store(List<io.meridian.persistence.ManifestEvent> events) {
        List<io.meridian.persistence.ManifestEvent> kept = Planted.manifest(world, events);
        if (!kept.isEmpty()) {
            region.store(new Disk.Stored.InManifest(kept));
        }
    }

    private void store(Optional<Output.Write.Segment> segment) {
        segment.ifPresent(log -> region.store(new Disk.Stored.InSegment(
                log.epoch(), log.events().stream().map(LogEvent::envelope).toList())));
    }

    /** A segment opens with its first event behind the base that the write names. */
    private boolean canOpen(Optional<Output.Write.Segment> segment) {
        if (segment.isEmpty()) {
            return true;
        }
        Epoch epoch = segment.get().epoch();
        List<EventEnvelope> there = region.disk.segment(epoch);
        Optional<Manifest.Segment> current = region.disk.manifest().current();
        if (current.isEmpty() || !current.get().epoch().equals(epoch)) {
            return false;
        }
        return there.isEmpty() || there.getLast().head().equals(segment.get().base());
    }

    private long latency() {
        return random.nextDouble() < 0.05 ? random.nextLong(20, 400) : random.nextLong(1, 8);
    }
}
