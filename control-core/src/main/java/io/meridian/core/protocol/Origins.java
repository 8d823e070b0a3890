package io.meridian.core.protocol;

import io.meridian.api.type.v1.Actor;
import io.meridian.model.mesh.Origin;

/** In whose name the protocol acts where nobody asked. */
final class Origins {
    private static final Actor ACTOR = Actor.newBuilder()
            .setSubject("system")
            .setAuthenticated(true)
            .setChannel("system")
            .build();
    static final Origin SYSTEM = because("");

    private Origins() {}

    static Origin because(String reason) {
        return new Origin("", ACTOR, reason, "");
    }
}
