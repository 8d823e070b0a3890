package io.meridian.gateway.internal.feed;

import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.model.image.MeshImage;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mesh as this gateway last knew it, on disk: it serves from here when it starts and the core is unreachable. Written by the I/O
 * thread, at most once per interval: what came since is appended, or, once that grows large, everything is written anew. A copy is a
 * convenience: if it cannot be written or read, that is logged and the gateway goes on.
 *
 * <p>{@link #changed} may be called from one thread while another writes.
 */
public final class LocalCopy {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCopy.class);
    /** Messages kept in memory until the next write; beyond it the whole image is written instead. */
    private static final int MAX_PENDING = 4096;
    /** A tail may grow to this or to the snapshot's own size, whichever is larger. */
    private static final long MIN_TAIL_BYTES = 1 << 20;

    private final MeshId mesh;
    private final CopyFiles files;
    private final ScheduledExecutorService io;
    private final Duration interval;

    private final Object lock = new Object();
    // Guarded by lock.
    private List<FeedMessage> pending = new ArrayList<>();
    private boolean rewrite = true;
    private @Nullable MeshImage latest;
    private @Nullable ScheduledFuture<?> write;

    // Owned by whoever is in write(), one at a time.
    private final AtomicBoolean writing = new AtomicBoolean();
    private long generation;
    private long snapshotBytes;

    /** {@code io}: a single thread; may be shared with other meshes. */
    public LocalCopy(Path directory, MeshId mesh, ScheduledExecutorService io, Duration interval) {
        this.mesh = mesh;
        this.io = io;
        this.interval = interval;
        files = new CopyFiles(directory);
    }

    /** What is on disk. A corrupt copy is deleted. Called before the first {@link #changed}. */
    Optional<MeshFold> load() {
        if (!files.exists()) {
            return Optional.empty();
        }
        MeshFold fold = new MeshFold(mesh);
        try {
            generation = files.readSnapshot(message -> take(fold, message));
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("local copy is corrupt, ignored and deleted mesh={} error={}", mesh, e.getMessage());
            delete();
            return Optional.empty();
        }
        try {
            if (!files.readTail(generation, message -> take(fold, message))) {
                LOG.info("local copy's tail was torn, used as far as it is whole mesh={}", mesh);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("local copy's tail is not usable from some point on mesh={} error={}", mesh, e.getMessage());
        }
        return Optional.of(fold);
    }

    private static void take(MeshFold fold, FeedMessage message) {
        try {
            MeshFold.Taken taken = fold.take(message);
            if (taken.unreadable() != null) {
                throw new UncheckedIOException(
                        new IOException(taken.unreadable().getMessage()));
            }
        } catch (BrokenFeedException e) {
            throw new UncheckedIOException(new IOException(e.getMessage()));
        }
    }

    private void delete() {
        try {
            files.delete();
        } catch (IOException e) {
            LOG.warn("local copy cannot be deleted mesh={} error={}", mesh, e.getMessage());
        }
    }

    /** {@code message} led to {@code after}. Cheap: nothing is written here. */
    void changed(FeedMessage message, MeshImage after) {
        synchronized (lock) {
            latest = after;
            if (message.hasSnapshot() || pending.size() >= MAX_PENDING) {
                rewrite = true;
            }
            if (rewrite) {
                pending.clear();
            } else {
                pending.add(message);
            }
            if (write == null) {
                write = io.schedule(this::write, interval.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private void write() {
        if (!writing.compareAndSet(false, true)) {
            return;
        }
        try {
            writePending();
        } finally {
            writing.set(false);
        }
    }

    private void writePending() {
        List<FeedMessage> tail;
        MeshImage image;
        boolean whole;
        synchronized (lock) {
            tail = pending;
            pending = new ArrayList<>();
            image = latest;
            whole = rewrite;
            rewrite = false;
            latest = null;
            write = null;
        }
        if (image == null) {
            return;
        }
        try {
            if (whole) {
                snapshotBytes = files.writeSnapshot(++generation, messages(image));
            } else if (!tail.isEmpty()) {
                long tailBytes = files.append(generation, tail);
                if (tailBytes > Math.max(MIN_TAIL_BYTES, snapshotBytes)) {
                    writeAnewNextTime();
                }
            }
        } catch (IOException e) {
            LOG.warn("local copy cannot be written mesh={} error={}", mesh, e.toString());
            writeAnewNextTime();
        }
    }

    private void writeAnewNextTime() {
        synchronized (lock) {
            rewrite = true;
            pending.clear();
        }
    }

    private static List<FeedMessage> messages(MeshImage image) {
        List<FeedMessage> messages = new ArrayList<>();
        messages.add(FeedMessage.newBuilder()
                .setSnapshot(SnapshotCodec.toProto(image.state()))
                .build());
        image.inventory()
                .forEach((cluster, records) -> messages.add(FeedMessage.newBuilder()
                        .setInventory(InventoryUpdate.newBuilder()
                                .setCluster(cluster)
                                .setFull(true)
                                .addAllRecords(records.values()))
                        .build()));
        return messages;
    }

    /** Writes what is pending, on the caller's thread. */
    void close() {
        ScheduledFuture<?> scheduled;
        synchronized (lock) {
            scheduled = write;
        }
        if (scheduled != null && scheduled.cancel(false)) {
            write();
        }
    }
}
