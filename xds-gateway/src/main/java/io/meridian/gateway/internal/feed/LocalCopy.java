package io.meridian.gateway.internal.feed;

import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.HaltedRollouts;
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
 * One mesh as this gateway last knew it, on disk: it serves from here when it starts. What is served is in these files before
 * ({@link #keep}), so a gateway that is killed and started again never serves less than it did. They are fsynced at most once per interval,
 * by the I/O thread, which also writes everything anew once that grows large: after a failure of the machine itself the copy may be that much
 * older. A copy is a convenience: if it cannot be written or read, that is logged and the gateway goes on.
 *
 * <p>{@link #changed} and {@link #keep} may be called from one thread while another writes.
 */
public final class LocalCopy {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCopy.class);
    /** Messages kept in memory until they are to be kept. */
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
    /** Whose snapshot is on disk; 0: none is. */
    private long generation;
    /** Whose snapshot is being written: its tail gets what is not in it; 0: none is. */
    private long next;
    /** Whether the generation's tail cannot be continued, or is too large. */
    private boolean rewrite = true;

    /** Whether something unreadable stands behind the first {@link #tailBytes} of the tail. */
    private boolean torn;

    /** The highest that was ever given to a snapshot. */
    private long lastGeneration;

    private long tailBytes;
    private long nextTailBytes;
    private long snapshotBytes;
    private @Nullable MeshImage latest;
    private @Nullable ScheduledFuture<?> write;

    private final AtomicBoolean writing = new AtomicBoolean();

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
        long read;
        try {
            read = files.readSnapshot(message -> take(fold, message));
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("local copy is corrupt, ignored and deleted mesh={} error={}", mesh, e.getMessage());
            delete();
            return Optional.empty();
        }
        synchronized (lock) {
            generation = read;
            lastGeneration = read;
            loadTail(fold);
        }
        return Optional.of(fold);
    }

    /** What was halted when the copy was last written; nothing if that cannot be read. */
    HaltedRollouts loadHalts() {
        try {
            return files.readHalts();
        } catch (IOException e) {
            LOG.warn("halted roll-outs cannot be read, nothing is halted mesh={} error={}", mesh, e.toString());
            return HaltedRollouts.getDefaultInstance();
        }
    }

    /** Keeps what is halted; on disk when this returns, which is a matter of a file. */
    void keepHalts(HaltedRollouts halts) {
        try {
            files.writeHalts(halts);
        } catch (IOException e) {
            LOG.warn(
                    "halted roll-outs cannot be kept, a restart would forget them mesh={} error={}",
                    mesh,
                    e.toString());
        }
    }

    /** With the lock. */
    private void loadTail(MeshFold fold) {
        try {
            CopyFiles.Tail tail = files.readTail(generation, message -> take(fold, message));
            if (!tail.whole()) {
                LOG.info("local copy's tail is used as far as it is whole mesh={} error={}", mesh, tail.error());
            }
            tailBytes = tail.bytes();
            torn = !tail.whole();
            rewrite = false;
        } catch (IOException e) {
            LOG.warn("local copy's tail is not usable mesh={} error={}", mesh, e.toString());
        }
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

    /** {@code message} led to {@code after}; an empty one stands for messages that are not told. Cheap: mostly nothing is written here. */
    void changed(FeedMessage message, MeshImage after) {
        synchronized (lock) {
            latest = after;
            if (message.getMessageCase() == FeedMessage.MessageCase.MESSAGE_NOT_SET) {
                rewrite = true;
            } else {
                pending.add(message);
            }
            if (pending.size() >= MAX_PENDING) {
                append();
            }
            if (write == null) {
                write = io.schedule(this::write, interval.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    /** What was told is in the files when this returns, if there is a copy at all; the disk itself may get it later. */
    void keep() {
        synchronized (lock) {
            append();
        }
    }

    /** With the lock. */
    private void append() {
        if (pending.isEmpty()) {
            return;
        }
        List<FeedMessage> messages = pending;
        pending = new ArrayList<>();
        try {
            if (generation > 0) {
                if (torn) {
                    // What comes next is read only if it stands right behind what is whole.
                    files.truncateTail(generation, tailBytes);
                    torn = false;
                }
                tailBytes = files.append(generation, messages);
            }
            if (next > 0) {
                nextTailBytes = files.append(next, messages);
            }
        } catch (IOException e) {
            cannotBeWritten(e);
        }
    }

    /** With the lock. */
    private void cannotBeWritten(IOException e) {
        LOG.warn("local copy cannot be written mesh={} error={}", mesh, e.toString());
        rewrite = true;
    }

    private void write() {
        if (!writing.compareAndSet(false, true)) {
            return;
        }
        try {
            writeAndSync();
        } finally {
            writing.set(false);
        }
    }

    private void writeAndSync() {
        MeshImage image;
        long own;
        boolean whole;
        synchronized (lock) {
            append();
            image = latest;
            latest = null;
            write = null;
            if (image == null) {
                return;
            }
            whole = rewrite || tailBytes > Math.max(MIN_TAIL_BYTES, snapshotBytes);
            if (whole) {
                rewrite = false;
                next = ++lastGeneration;
                nextTailBytes = 0;
            }
            own = whole ? next : generation;
        }
        try {
            if (whole) {
                long bytes = files.writeSnapshot(own, messages(image));
                synchronized (lock) {
                    generation = own;
                    snapshotBytes = bytes;
                    tailBytes = nextTailBytes;
                    next = 0;
                }
            } else {
                files.sync(own);
            }
        } catch (IOException e) {
            synchronized (lock) {
                next = 0;
                cannotBeWritten(e);
            }
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

    /** Writes and syncs what is pending, on the caller's thread. */
    void close() {
        ScheduledFuture<?> scheduled;
        synchronized (lock) {
            scheduled = write;
        }
        if (scheduled != null && scheduled.cancel(false)) {
            write();
        }
        keep();
    }
}
