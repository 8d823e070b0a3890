package io.meridian.chaos.simulation;

import org.jspecify.annotations.Nullable;

/** An invariant does not hold. */
final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String invariant;
    private long step;

    InvariantViolation(String invariant, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.invariant = invariant;
    }

    /** As it is, with the step at which it was found. */
    InvariantViolation at(long foundAtStep) {
        step = foundAtStep;
        return this;
    }

    long step() {
        return step;
    }

    String invariant() {
        return invariant;
    }
}
