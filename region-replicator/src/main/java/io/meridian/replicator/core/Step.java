package io.meridian.replicator.core;

import java.util.List;

/** What came of one input: the next state, and what the shell has to do, in this order. */
public record Step<S, O>(S state, List<O> outputs) {
    public Step {
        outputs = List.copyOf(outputs);
    }
}
