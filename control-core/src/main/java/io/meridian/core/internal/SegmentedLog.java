package io.meridian.core.internal;

import io.meridian.core.protocol.Output;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * Owns the whole log of one mesh: its manifest and its current segment, each a child. Reads it back at the start, then takes one {@link Output.Write} at
 * a time; one of a new epoch opens a segment. Ends at the first failure and says why: only the journal knows then what is durable.
 *
 * <p>A segment is listed in the manifest before its first event. If the process dies between the two, the next start drops it from the list.
 *
 * <p>Where other processes can write the same journal, one of them may have taken the mesh over without this one knowing: after a pause, say. The
 * journal refuses a second event at a place, but not an event of the one beside a promise of the other, which stand in two logs. So each looks, when
 * what it wrote is durable, for what the other wrote: after events at the manifest, after the manifest at the segment. Of two that meet, one at
 * least sees the other, and says Broken instead of Written ("fenced").
 */
final class SegmentedLog {

    /** What it takes. */
    sealed interface Message {}

    /** The next one only after {@link Written}. */
    record Write(Output.Write write) implements Message {}

    private record FromManifest(ManifestLog.Told told) implements Message {}

    private record FromSegment(SegmentLog.Told told) implements Message {}

    /** The head before the current segment is known. */
    private record BaseRead(Manifest.Segment segment, Head base) implements Message {}

    /** What was recovered agrees with the last row of the journal. */
    private record TailVerified(LogState state, String lastIncarnation) implements Message {}

    private record ReadFailed(Throwable failure) implements Message {}

    /** The manifest as it was stored after a batch was. */
    private record ManifestRead(Manifest stored) implements Message {}

    /** The end of what was the current segment when the manifest went on. */
    private record EndRead(Head stored) implements Message {}

    /** What its owner is told. */
    sealed interface Told extends MeshMessage.Internal {}

    /** {@code lastIncarnation}: which process wrote the last event; empty for an empty log. */
    record Opened(LogState state, Manifest manifest, String lastIncarnation) implements Told {}

    record Written() implements Told {}

    record Broken(String reason) implements Told {}

    private final ActorContext<Message> context;
    private final MeshId mesh;
    private final LogReader reader;
    private final BlockingReads reads;
    private final int snapshotEvery;
    private final boolean fenced;
    private final ActorRef<Told> owner;
    private final ActorRef<ManifestLog.Append> manifestLog;

    private Manifest manifest;
    /** Of the current segment, as far as it is durable. */
    private Head head;

    private @Nullable ActorRef<SegmentLog.Write> segmentLog;
    /** Of {@code segmentLog}. */
    private Epoch epoch = Epoch.NONE;
    /** What waits for the manifest to be written. */
    private Output.@Nullable Write recording;
    /** What waits for its segment to be opened, which goes on while the manifest is written: an opening pauses the mesh's writes. */
    private Output.Write.@Nullable Segment opening;

    private SegmentedLog(
            ActorContext<Message> context,
            MeshId mesh,
            LogReader reader,
            BlockingReads reads,
            int snapshotEvery,
            boolean fenced,
            ActorRef<Told> owner) {
        this.context = context;
        this.mesh = mesh;
        this.reader = reader;
        this.reads = reads;
        this.snapshotEvery = snapshotEvery;
        this.fenced = fenced;
        this.owner = owner;
        manifest = Manifest.empty(mesh);
        head = Head.empty(mesh);
        manifestLog = context.spawn(
                ManifestLog.create(mesh, context.messageAdapter(ManifestLog.Told.class, FromManifest::new)),
                "manifest");
        context.watch(manifestLog);
    }

    /**
     * {@code reads} runs the reads from {@code reader}.
     *
     * @param fenced whether other processes can write the same journal
     */
    static Behavior<Message> create(
            MeshId mesh,
            LogReader reader,
            BlockingReads reads,
            int snapshotEvery,
            boolean fenced,
            ActorRef<Told> owner) {
        return Behaviors.setup(
                context -> new SegmentedLog(context, mesh, reader, reads, snapshotEvery, fenced, owner).behavior());
    }

    private Behavior<Message> behavior() {
        return Behaviors.receive(Message.class)
                .onMessage(FromManifest.class, message -> fromManifest(message.told()))
                .onMessage(FromSegment.class, message -> fromSegment(message.told()))
                .onMessage(BaseRead.class, message -> spawnSegment(message.segment(), message.base()))
                .onMessage(TailVerified.class, message -> opened(message.state(), message.lastIncarnation()))
                .onMessage(ManifestRead.class, message -> manifestRead(message.stored()))
                .onMessage(EndRead.class, message -> endRead(message.stored()))
                .onMessage(ReadFailed.class, message -> broken(Failures.reason(message.failure())))
                .onMessage(Write.class, this::write)
                // ChildFailed is a Terminated.
                .onSignal(Terminated.class, this::terminated)
                .build();
    }

    private Behavior<Message> fromManifest(ManifestLog.Told told) {
        return switch (told) {
            case ManifestLog.Recovered(var recovered) -> {
                manifest = recovered;
                yield openCurrent();
            }
            case ManifestLog.Recorded(var recorded) -> {
                Manifest.Segment before = manifest.current().orElse(null);
                manifest = recorded;
                if (recording == null) {
                    yield openCurrent();
                }
                yield fenced && before != null ? readEnd(before) : recorded();
            }
            case ManifestLog.Failed(var reason) -> broken(reason);
        };
    }

    private Behavior<Message> openCurrent() {
        if (manifest.current().isEmpty()) {
            return opened(LogState.empty(mesh), "");
        }
        Manifest.Segment segment = manifest.current().get();
        if (segment.baseSeq() == 0) {
            return spawnSegment(segment, Head.empty(mesh));
        }
        context.pipeToSelf(
                reads.supply(() -> headAt(segment.baseSeq())),
                (base, failure) -> base == null ? new ReadFailed(failure) : new BaseRead(segment, base));
        return Behaviors.same();
    }

    private Head headAt(long seq) {
        return reader.read(mesh, seq - 1, 1).stream()
                .filter(event -> event.seq() == seq)
                .findFirst()
                .orElseThrow(() -> new LogDamagedException(
                        "the log of mesh " + mesh + " is damaged at seq " + seq + ": the event is missing"))
                .head();
    }

    private Behavior<Message> readEnd(Manifest.Segment segment) {
        context.pipeToSelf(
                reads.supply(() -> reader.lastOf(mesh, segment).orElseGet(() -> Head.empty(mesh))),
                (stored, failure) -> stored == null ? new ReadFailed(failure) : new EndRead(stored));
        return Behaviors.same();
    }

    private Behavior<Message> endRead(Head stored) {
        return stored.equals(head)
                ? recorded()
                : broken("another process of this region writes mesh " + mesh + ": it stored " + stored.position()
                        + " behind " + head.position());
    }

    private Behavior<Message> recorded() {
        Output.Write write = recording;
        recording = null;
        return write == null ? broken("the manifest of mesh " + mesh + " was written unasked") : proceed(write);
    }

    /** With what there is to write beside the manifest. */
    private Behavior<Message> proceed(Output.Write write) {
        return write.segment().isPresent() ? append(write.segment().get()) : written();
    }

    private Behavior<Message> append(Output.Write.Segment batch) {
        if (!batch.epoch().equals(epoch)) {
            return open(batch);
        }
        return opening == null ? send(batch) : Behaviors.same();
    }

    /** The current segment becomes the one of the batch, which is behind everything that there is on its branch. */
    private Behavior<Message> open(Output.Write.Segment batch) {
        opening = batch;
        if (segmentLog != null) {
            context.unwatch(segmentLog);
            context.stop(segmentLog);
        }
        return spawnSegment(
                new Manifest.Segment(batch.epoch(), batch.base().position().seq()), batch.base());
    }

    private Behavior<Message> spawnSegment(Manifest.Segment segment, Head base) {
        epoch = segment.epoch();
        segmentLog = context.spawn(
                SegmentLog.create(
                        epoch, base, snapshotEvery, context.messageAdapter(SegmentLog.Told.class, FromSegment::new)),
                "segment-e" + epoch.value());
        context.watch(segmentLog);
        return Behaviors.same();
    }

    private Behavior<Message> fromSegment(SegmentLog.Told told) {
        return switch (told) {
            case SegmentLog.Recovered(var state) -> recovered(state);
            case SegmentLog.Written(var state) -> {
                head = state.head();
                yield fenced ? readManifest() : written();
            }
            case SegmentLog.Failed(var reason) -> broken(reason);
        };
    }

    private Behavior<Message> readManifest() {
        context.pipeToSelf(
                reads.supply(() -> reader.manifest(mesh)),
                (stored, failure) -> stored == null ? new ReadFailed(failure) : new ManifestRead(stored));
        return Behaviors.same();
    }

    private Behavior<Message> manifestRead(Manifest stored) {
        return stored.equals(manifest)
                ? written()
                : broken("another process of this region took mesh " + mesh + " over: it promised epoch "
                        + stored.promised() + " or went on in another segment");
    }

    private Behavior<Message> written() {
        owner.tell(new Written());
        return Behaviors.same();
    }

    private Behavior<Message> recovered(LogState state) {
        Output.Write.Segment waiting = opening;
        if (waiting != null) {
            opening = null;
            if (!state.head().equals(waiting.base())) {
                return broken(
                        "segment " + epoch + " of mesh " + mesh + " is to be opened and has events already, up to "
                                + state.head().position());
            }
            return recording == null ? send(waiting) : Behaviors.same();
        }
        if (state.head().position().epoch().compareTo(epoch) < 0) {
            manifestLog.tell(new ManifestLog.Append(List.of(new ManifestEvent.SegmentDropped(epoch))));
            if (segmentLog != null) {
                context.unwatch(segmentLog);
                context.stop(segmentLog);
                segmentLog = null;
                epoch = Epoch.NONE;
            }
            return Behaviors.same();
        }
        context.pipeToSelf(
                reads.supply(() -> verifyTail(state)),
                (verified, failure) -> verified == null ? new ReadFailed(failure) : verified);
        return Behaviors.same();
    }

    /** A snapshot could hide that the journal lost the events behind it, or that they are others. */
    private TailVerified verifyTail(LogState state) {
        Optional<EventEnvelope> last = reader.last(mesh);
        Head stored = last.map(EventEnvelope::head).orElseGet(() -> Head.empty(mesh));
        if (stored.position().compareTo(state.head().position()) > 0) {
            throw new IllegalStateException("another process of this region writes mesh " + mesh
                    + " at the same time: it was read back up to position "
                    + state.head().position() + ", and by then " + stored.position() + " was stored");
        }
        if (!stored.equals(state.head())) {
            throw new LogDamagedException("the log of mesh " + mesh + " is damaged at position "
                    + state.head().position() + ": it was recovered up to there with the hash "
                    + state.head().hash() + ", but the last event stored is " + stored.position() + " with "
                    + stored.hash());
        }
        return new TailVerified(
                state, last.map(event -> event.header().getWriterIncarnation()).orElse(""));
    }

    private Behavior<Message> opened(LogState state, String lastIncarnation) {
        head = state.head();
        owner.tell(new Opened(state, manifest, lastIncarnation));
        return Behaviors.same();
    }

    private Behavior<Message> write(Write message) {
        Output.Write write = message.write();
        if (write.manifest().isEmpty()) {
            return proceed(write);
        }
        recording = write;
        manifestLog.tell(new ManifestLog.Append(write.manifest()));
        return write.segment()
                .filter(batch -> !batch.epoch().equals(epoch))
                .map(this::open)
                .orElse(Behaviors.same());
    }

    private Behavior<Message> send(Output.Write.Segment batch) {
        if (segmentLog == null) {
            return broken("segment " + batch.epoch() + " of mesh " + mesh + " is not open");
        }
        segmentLog.tell(new SegmentLog.Write(batch.events()));
        return Behaviors.same();
    }

    private Behavior<Message> terminated(Terminated signal) {
        String reason = signal instanceof ChildFailed failed ? Failures.reason(failed.getCause()) : "its log ended";
        return broken("the journal failed for mesh " + mesh + ": " + reason);
    }

    private Behavior<Message> broken(String reason) {
        owner.tell(new Broken(reason));
        return Behaviors.stopped();
    }
}
