package io.meridian.replicator.internal;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.replicator.core.HeadTable.Told;

/** {@link Head} to and from replication.v1. */
final class Heads {
    private Heads() {}

    static io.meridian.api.replication.v1.Head toProto(Head head) {
        return io.meridian.api.replication.v1.Head.newBuilder()
                .setPosition(head.position().toProto())
                .setHash(head.hash().bytes())
                .build();
    }

    static io.meridian.api.replication.v1.Head toProto(Told told) {
        return toProto(told.head()).toBuilder()
                .setPromisedEpoch(told.promised().value())
                .build();
    }

    /** Throws IllegalArgumentException if it is no head. */
    static Told toldOf(io.meridian.api.replication.v1.Head proto) {
        return new Told(of(proto), new Epoch(proto.getPromisedEpoch()));
    }

    /**
     * An empty hash is that of an empty log.
     *
     * @throws IllegalArgumentException if it is no head
     */
    static Head of(io.meridian.api.replication.v1.Head proto) {
        Position position = Position.of(proto.getPosition());
        if (proto.getHash().isEmpty() && position.seq() == 0) {
            return Head.empty(position.mesh());
        }
        return new Head(position, new Hash(proto.getHash()));
    }
}
