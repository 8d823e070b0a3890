package io.meridian.core.protocol;

import io.meridian.model.position.Epoch;

/** Whether this region takes a mesh's writes now. */
sealed interface Role {
    /** It does, in this epoch. */
    record Writer(Epoch epoch) implements Role {}

    /** It may do so in a moment: writes wait. */
    record Hold(String why) implements Role {}

    /** The region that the epoch names does. */
    record Elsewhere(Epoch epoch) implements Role {}

    /** Nobody can say who does. */
    record Fenced(String why) implements Role {}
}
