package io.meridian.chaos.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.chaos.history.Position;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An event as a region stores it.
 *
 * @param header parsed from the envelope's bytes
 */
record LoggedEvent(Envelope envelope, EventHeader header) {
    /** @throws IllegalArgumentException if its header is unreadable */
    static LoggedEvent of(Envelope envelope) {
        try {
            return new LoggedEvent(envelope, EventHeader.parseFrom(envelope.getHeader()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an unreadable header", e);
        }
    }

    Position position() {
        return new Position(header.getEpoch(), header.getSeq());
    }

    String commandId() {
        return header.getCommandId();
    }

    boolean isFirstOfCommand() {
        return header.getIndexInCommand() == 0;
    }

    boolean isLastOfCommand() {
        return header.getIndexInCommand() == header.getEventsInCommand() - 1;
    }

    /** SHA-256(header ‖ SHA-256(payload)) of the bytes as stored. */
    ByteString recomputedHash() {
        return sha256(envelope.getHeader().concat(sha256(envelope.getPayload())));
    }

    private static ByteString sha256(ByteString bytes) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
