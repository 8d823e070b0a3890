package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Output;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks the region that the highest known epoch names for what comes after the own head, again and again. */
final class Pull implements Replication {
    private static final long PAUSE_MILLIS = 250;
    private static final long TIMEOUT_MILLIS = 1_500;
    private static final int MOST_EVENTS = 40;

    private final Region region;
    private boolean busy;
    private boolean ended;
    /** With {@link Mutant#SEPARATE_CURSOR}: how far the source has sent. */
    private Head cursor;

    Pull(Region region) {
        this.region = region;
        cursor = region.disk.head();
    }

    @Override
    public void start() {
        if (!ended) {
            ask();
            region.after(PAUSE_MILLIS, this::start);
        }
    }

    @Override
    public void headsChanged() {
        ask();
    }

    @Override
    public void end() {
        ended = true;
    }

    private Optional<Integer> source() {
        Head highest = region.disk.head();
        for (int place = 0; place < region.world.members(); place++) {
            Head told = region.peers().head(place).orElse(highest);
            highest = told.position().epoch().compareTo(highest.position().epoch()) > 0 ? told : highest;
        }
        Epoch epoch = highest.position().epoch();
        return epoch.isNone() || epoch.regionIndex() == region.id.index()
                ? Optional.empty()
                : Optional.of(region.world.placeOf(epoch));
    }

    private void ask() {
        Optional<Integer> source = source();
        if (ended || busy || source.isEmpty() || region.process() == null) {
            return;
        }
        busy = true;
        Head head = region.world.has(Mutant.SEPARATE_CURSOR) ? cursor : region.disk.head();
        Lineage lineage = region.disk.lineage();
        region.<Batch>call(
                source.get(),
                (target, reply) -> {
                    if (target instanceof Region there) {
                        there.replication().asked(head, lineage, reply);
                    }
                },
                TIMEOUT_MILLIS,
                batch -> take(source.get(), batch),
                why -> busy = false);
    }

    @Override
    public void asked(Head head, Lineage lineage, Consumer<Batch> reply) {
        Head own = region.disk.head();
        long fork = region.world.has(Mutant.PREV_HASH_UNCHECKED)
                ? head.position().seq()
                : Lineage.fork(
                        region.disk.lineage(),
                        own.position().seq(),
                        lineage,
                        head.position().seq());
        reply.accept(new Batch(own, region.disk.read(fork, MOST_EVENTS)));
    }

    private void take(int source, Batch batch) {
        MeshProcess process = region.process();
        if (process == null) {
            busy = false;
        } else if (batch.envelopes().isEmpty()) {
            busy = false;
            acknowledge(source, region.disk.head());
        } else {
            cursor = batch.envelopes().getLast().head();
            if (region.world.has(Mutant.SYNC_NOT_WAITED_FOR)) {
                acknowledge(source, cursor);
            }
            process.append(batch.sourceHead().position().epoch(), batch.envelopes(), output -> {
                busy = false;
                if (output instanceof Output.Appended(var token, var head, var stopped)) {
                    acknowledge(source, head);
                    if (stopped == null) {
                        ask();
                    } else {
                        region.world.trace(() -> region.id + " does not take what " + region.world.member(source).id
                                + " holds: " + stopped);
                    }
                }
            });
        }
    }

    private void acknowledge(int source, Head head) {
        region.tell(source, target -> {
            if (target instanceof Region there && there.process() != null) {
                there.process().acknowledged(region.id, head);
            }
        });
    }
}
