package io.meridian.model.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;

/**
 * One event of the log in the bytes in which it was first written. Immutable; those bytes are what is hashed, stored and relayed.
 *
 * @param header parsed from {@code headerBytes}
 * @param headerBytes the header as written
 * @param payload the payload as written; possibly of a type that this version does not know
 * @param hash as claimed by the writer; see {@link #computeHash}
 */
public record EventEnvelope(EventHeader header, ByteString headerBytes, ByteString payload, Hash hash) {
    /** The type of the event that opens a segment; the one type that the log itself has to know. */
    private static final String SEGMENT_OPENED = "SegmentOpened";

    /** Seals a new event. */
    public static EventEnvelope seal(EventHeader header, ByteString payload) {
        ByteString headerBytes = header.toByteString();
        return new EventEnvelope(header, headerBytes, payload, hashOf(headerBytes, payload));
    }

    /**
     * Reads a stored or relayed envelope; does not check its hash.
     *
     * @throws InvalidProtocolBufferException if the header is malformed
     */
    public static EventEnvelope of(Envelope proto) throws InvalidProtocolBufferException {
        if (proto.getHash().size() != Hash.SIZE_BYTES) {
            throw new InvalidProtocolBufferException(
                    "envelope hash has " + proto.getHash().size() + " bytes, not 32");
        }
        EventHeader header = EventHeader.parseFrom(proto.getHeader());
        if (!MeshId.isValid(header.getMesh())
                || header.getSeq() < 1
                || header.getEpoch() < 1
                || header.getPrevHash().size() != Hash.SIZE_BYTES) {
            throw new InvalidProtocolBufferException("envelope header lacks a valid mesh, epoch, seq or prev_hash");
        }
        return new EventEnvelope(header, proto.getHeader(), proto.getPayload(), new Hash(proto.getHash()));
    }

    public static EventEnvelope parse(byte[] bytes) throws InvalidProtocolBufferException {
        return of(Envelope.parseFrom(bytes));
    }

    public Envelope toProto() {
        return Envelope.newBuilder()
                .setHeader(headerBytes)
                .setPayload(payload)
                .setHash(hash.bytes())
                .build();
    }

    public MeshId mesh() {
        return new MeshId(header.getMesh());
    }

    public Epoch epoch() {
        return new Epoch(header.getEpoch());
    }

    public long seq() {
        return header.getSeq();
    }

    public boolean opensSegment() {
        return header.getType().equals(SEGMENT_OPENED);
    }

    public Position position() {
        return new Position(mesh(), epoch(), seq());
    }

    public Hash prevHash() {
        return new Hash(header.getPrevHash());
    }

    public Head head() {
        return new Head(position(), hash);
    }

    /** The hash that these bytes really have; equal to {@link #hash} unless somebody changed them. */
    public Hash computeHash() {
        return hashOf(headerBytes, payload);
    }

    private static Hash hashOf(ByteString headerBytes, ByteString payload) {
        return Hash.of(headerBytes, Hash.of(payload).bytes());
    }
}
