package io.meridian.persistence.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.events.v1.TailLeft;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * What the journal's and the snapshot store's rows hold. The manifest names the form; a new form gets a new manifest and old ones are read for
 * ever. Stateless, thread-safe.
 */
public final class JournalSerializer extends SerializerWithStringManifest {
    /** A meridian.events.v1.Envelope. */
    public static final String ENVELOPE = "Envelope1";
    /** A SHA-256, then the meridian.events.v1.MeshSnapshot that has it. */
    public static final String SNAPSHOT = "MeshSnapshot1";

    // A meridian.type.v1.Position without a mesh: the epoch, and for a listed segment its base as seq.
    private static final String SEGMENT_LISTED = "SegmentListed1";
    private static final String SEGMENT_DROPPED = "SegmentDropped1";
    private static final String PROMISED = "Promised1";
    /** A meridian.events.v1.MembersNote. */
    private static final String MEMBERS_NOTED = "MembersNoted1";
    /** A meridian.events.v1.TailLeft. */
    private static final String TAIL_LEFT = "TailLeft1";
    /** The same. */
    private static final String SEGMENTS_LEFT = "SegmentsLeft1";

    /** Configured by meridian/journal.conf. */
    private static final int IDENTIFIER = 641_001;

    public JournalSerializer(ExtendedActorSystem system) {
        // Pekko looks for this constructor.
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object object) {
        return switch (object) {
            case LogEvent event -> ENVELOPE;
            case LogState state -> SNAPSHOT;
            case ManifestEvent.SegmentListed listed -> SEGMENT_LISTED;
            case ManifestEvent.SegmentDropped dropped -> SEGMENT_DROPPED;
            case ManifestEvent.Promised promised -> PROMISED;
            case ManifestEvent.MembersNoted noted -> MEMBERS_NOTED;
            case ManifestEvent.TailLeft left -> TAIL_LEFT;
            case ManifestEvent.SegmentsLeft left -> SEGMENTS_LEFT;
            default -> throw new IllegalArgumentException("not for the journal: " + object.getClass());
        };
    }

    @Override
    public byte[] toBinary(Object object) {
        return switch (object) {
            case LogEvent event -> event.envelope().toProto().toByteArray();
            case LogState state -> snapshot(state);
            case ManifestEvent.SegmentListed(var epoch, var baseSeq) -> position(epoch, baseSeq);
            case ManifestEvent.SegmentDropped(var epoch) -> position(epoch, 0);
            case ManifestEvent.Promised(var epoch) -> position(epoch, 0);
            case ManifestEvent.MembersNoted(var note) -> note.toProto().toByteArray();
            case ManifestEvent.TailLeft(var tail) -> tail(tail);
            case ManifestEvent.SegmentsLeft(var tail) -> tail(tail);
            default -> throw new IllegalArgumentException("not for the journal: " + object.getClass());
        };
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        return switch (manifest) {
            case ENVELOPE -> LogEvent.recovered(envelope(bytes));
            case SNAPSHOT -> state(bytes);
            case SEGMENT_LISTED, SEGMENT_DROPPED, PROMISED, MEMBERS_NOTED, TAIL_LEFT, SEGMENTS_LEFT ->
                manifestEvent(bytes, manifest);
            default ->
                throw new LogDamagedException(
                        "the journal holds the form '" + manifest + "', which this version does not know; upgrade it");
        };
    }

    public static EventEnvelope envelope(byte[] bytes) {
        try {
            return EventEnvelope.parse(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new LogDamagedException("a stored event is no envelope: " + e.getMessage(), e);
        }
    }

    /** Verifies the hash. */
    public static LogState state(byte[] bytes) {
        if (bytes.length < Hash.SIZE_BYTES) {
            throw new LogDamagedException("a stored snapshot has only " + bytes.length + " bytes");
        }
        ByteString all = ByteString.copyFrom(bytes);
        ByteString snapshot = all.substring(Hash.SIZE_BYTES);
        Hash claimed = new Hash(all.substring(0, Hash.SIZE_BYTES));
        if (!Hash.of(snapshot).equals(claimed)) {
            throw new LogDamagedException(
                    "a stored snapshot does not have the hash " + claimed + " that it was stored with");
        }
        try {
            return LogState.of(SnapshotCodec.toState(MeshSnapshot.parseFrom(snapshot)));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new LogDamagedException("a stored snapshot cannot be read: " + e.getMessage(), e);
        }
    }

    public static ManifestEvent manifestEvent(byte[] bytes, String manifest) {
        try {
            if (manifest.equals(TAIL_LEFT)) {
                return new ManifestEvent.TailLeft(tail(TailLeft.parseFrom(bytes)));
            }
            if (manifest.equals(MEMBERS_NOTED)) {
                return new ManifestEvent.MembersNoted(
                        MembersNote.of(io.meridian.api.events.v1.MembersNote.parseFrom(bytes)));
            }
            if (manifest.equals(SEGMENTS_LEFT)) {
                return new ManifestEvent.SegmentsLeft(tail(TailLeft.parseFrom(bytes)));
            }
            var position = io.meridian.api.type.v1.Position.parseFrom(bytes);
            Epoch epoch = new Epoch(position.getEpoch());
            return switch (manifest) {
                case SEGMENT_LISTED -> new ManifestEvent.SegmentListed(epoch, position.getSeq());
                case SEGMENT_DROPPED -> new ManifestEvent.SegmentDropped(epoch);
                case PROMISED -> new ManifestEvent.Promised(epoch);
                default -> throw new LogDamagedException("'" + manifest + "' is no form of a manifest's event");
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new LogDamagedException("a manifest's event cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] snapshot(LogState state) {
        if (!state.isReadable()) {
            throw new IllegalArgumentException("this version cannot read the log of mesh "
                    + state.head().position().mesh() + " beyond position "
                    + state.state().head().position());
        }
        ByteString snapshot = SnapshotCodec.bytes(state.state());
        return Hash.of(snapshot).bytes().concat(snapshot).toByteArray();
    }

    private static byte[] tail(Manifest.Tail tail) {
        return TailLeft.newBuilder()
                .setByEpoch(tail.by().value())
                .setFork(tail.fork().position().toProto())
                .setForkHash(tail.fork().hash().bytes())
                .setFirst(tail.first().toProto())
                .setLast(tail.last().position().toProto())
                .setLastHash(tail.last().hash().bytes())
                .build()
                .toByteArray();
    }

    private static Manifest.Tail tail(TailLeft proto) {
        return new Manifest.Tail(
                new Epoch(proto.getByEpoch()),
                new Head(Position.of(proto.getFork()), new Hash(proto.getForkHash())),
                Position.of(proto.getFirst()),
                new Head(Position.of(proto.getLast()), new Hash(proto.getLastHash())));
    }

    private static byte[] position(Epoch epoch, long seq) {
        return io.meridian.api.type.v1.Position.newBuilder()
                .setEpoch(epoch.value())
                .setSeq(seq)
                .build()
                .toByteArray();
    }
}
