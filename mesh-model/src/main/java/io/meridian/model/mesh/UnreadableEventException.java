package io.meridian.model.mesh;

import io.meridian.model.position.Position;

/**
 * An event that this version cannot read: of an unknown type, of a newer schema, or with a malformed payload. Whoever folds the log must
 * stop here: to skip it would show a state that never was. Replicators don't read payloads and are not concerned.
 */
public final class UnreadableEventException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Position position;
    private final String type;

    UnreadableEventException(Position position, String type, int schemaVersion, String why) {
        super("event %s of mesh %s, type %s schema %d: %s"
                .formatted(position, position.mesh(), type, schemaVersion, why));
        this.position = position;
        this.type = type;
    }

    public Position position() {
        return position;
    }

    /** The type that the event's header names. */
    public String type() {
        return type;
    }
}
