package io.meridian.model.log;

import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;

/** The last event of a log: its position and its hash, which covers everything before it. */
public record Head(Position position, Hash hash) {
    /** The head of an empty log. */
    public static Head empty(MeshId mesh) {
        return new Head(Position.before(mesh), Hash.ZERO);
    }

    public boolean isEmpty() {
        return position.seq() == 0;
    }
}
