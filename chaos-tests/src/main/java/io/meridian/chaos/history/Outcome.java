package io.meridian.chaos.history;

/** How an operation ended, as far as its client knows. */
public enum Outcome {
    OK,
    FAIL,
    /** Also of one whose end is not in the history. */
    INFO
}
