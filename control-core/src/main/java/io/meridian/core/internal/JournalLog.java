package io.meridian.core.internal;

import io.meridian.core.MeshLog;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.Manifest;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads logs from the journal's rows: what it shows is durable, on whichever node it was written. */
final class JournalLog implements MeshLog {
    private final LogReader reader;
    private final BlockingReads reads;
    private final HeadBoard heads;

    JournalLog(LogReader reader, BlockingReads reads, HeadBoard heads) {
        this.reader = reader;
        this.reads = reads;
        this.heads = heads;
    }

    @Override
    public CompletionStage<Head> head(MeshId mesh, Duration timeout) {
        return reads.supply(() -> reader.head(mesh)).orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<List<EventEnvelope>> read(MeshId mesh, long afterSeq, int max) {
        if (afterSeq < 0 || max < 1) {
            throw new IllegalArgumentException(
                    "afterSeq " + afterSeq + " and max " + max + " must be at least 0 and 1");
        }
        return reads.supply(() -> reader.read(mesh, afterSeq, max));
    }

    @Override
    public CompletionStage<Branch> branch(MeshId mesh) {
        return reads.supply(() -> {
            LogReader.Branch branch = reader.branch(mesh);
            Lineage lineage = Lineage.EMPTY;
            for (Manifest.Segment segment : branch.segments()) {
                lineage = lineage.plus(segment.epoch(), segment.baseSeq());
            }
            return new Branch(branch.head(), lineage);
        });
    }

    @Override
    public Epoch promised(MeshId mesh) {
        return heads.promised(mesh);
    }

    @Override
    public boolean follows(MeshId mesh) {
        return heads.follows(mesh);
    }

    @Override
    public Subscription watchHead(MeshId mesh, Consumer<Head> listener) {
        return heads.watchHead(mesh, listener);
    }

    @Override
    public Subscription watchMeshes(Consumer<Set<MeshId>> listener) {
        return heads.watchMeshes(listener);
    }
}
