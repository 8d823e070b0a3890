package io.meridian.core.feed;

import com.google.protobuf.ByteString;
import io.meridian.api.feed.v1.SubscribeRequest;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;

/**
 * What a subscriber says that it holds; seq 0 for nothing.
 *
 * @param hash of the event at that position
 */
record Held(long epoch, long seq, ByteString hash) {
    static Held of(SubscribeRequest request) {
        return new Held(
                request.getHeld().getEpoch(), Math.max(0, request.getHeld().getSeq()), request.getHeldHash());
    }

    boolean isNothing() {
        return seq == 0 || hash.isEmpty();
    }

    /** Whether no region that has not more than {@code head} can have it. */
    boolean isBeyond(Position head) {
        return !isNothing()
                && (epoch > head.epoch().value() || (epoch == head.epoch().value() && seq > head.seq()));
    }

    /** Only of one that {@link #isBeyond} something. */
    Position position(MeshId mesh) {
        return new Position(mesh, new Epoch(epoch), seq);
    }

    boolean is(EventEnvelope envelope) {
        return envelope.seq() == seq
                && envelope.epoch().value() == epoch
                && envelope.hash().bytes().equals(hash);
    }
}
