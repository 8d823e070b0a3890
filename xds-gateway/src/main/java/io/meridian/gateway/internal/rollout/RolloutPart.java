package io.meridian.gateway.internal.rollout;

import java.util.List;

/**
 * The part that a proxy has in the roll-out of its view. Immutable.
 *
 * @param wave for a canary the last wave of changes, by which it says that it has answered; 0 for whoever has nothing to say
 * @param halts the resources of which it is kept on the version before
 */
public record RolloutPart(long wave, List<Halt> halts) {
    /** Of a mesh whose changes go to all at once. */
    public static final RolloutPart NONE = new RolloutPart(0, List.of());

    public RolloutPart {
        halts = List.copyOf(halts);
    }
}
