package io.meridian.model.position;

import java.util.Comparator;

/**
 * The place of an event in its mesh's log; what a write returns, a read can demand and a proxy acknowledges.
 *
 * <p>Ordered by epoch, then seq. Positions of different meshes are not comparable.
 *
 * @param seq contiguous per mesh from 1, across epochs; 0 stands before the first event
 */
public record Position(MeshId mesh, Epoch epoch, long seq) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::epoch).thenComparingLong(Position::seq);

    public Position {
        if (seq < 0) {
            throw new IllegalArgumentException("seq must not be negative: " + seq);
        }
    }

    public static Position before(MeshId mesh) {
        return new Position(mesh, Epoch.NONE, 0);
    }

    public static Position of(io.meridian.api.type.v1.Position proto) {
        return new Position(new MeshId(proto.getMesh()), new Epoch(proto.getEpoch()), proto.getSeq());
    }

    public io.meridian.api.type.v1.Position toProto() {
        return io.meridian.api.type.v1.Position.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(epoch.value())
                .setSeq(seq)
                .build();
    }

    public boolean isAtLeast(Position other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(Position other) {
        if (!mesh.equals(other.mesh)) {
            throw new IllegalArgumentException("positions of " + mesh + " and " + other.mesh + " are not comparable");
        }
        return ORDER.compare(this, other);
    }

    /** EPOCH.SEQ, the form that people read and type. */
    @Override
    public String toString() {
        return epoch + "." + seq;
    }
}
