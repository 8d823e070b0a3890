package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import java.util.List;
import java.util.function.Consumer;

/** How a region comes by the home's events. One for each life of a region. */
interface Replication {
    /** What the source gives: its head, and what it holds behind the last event that both have. */
    record Batch(Head sourceHead, List<EventEnvelope> envelopes) {}

    void start();

    /** Somebody's head moved, or was heard to have. */
    void headsChanged();

    void end();

    /** At the source. */
    void asked(Head head, Lineage lineage, Consumer<Batch> reply);

    static Replication of(Region region) {
        return new Pull(region);
    }

    static Replication none() {
        return new Replication() {
            @Override
            public void start() {}

            @Override
            public void headsChanged() {}

            @Override
            public void end() {}

            @Override
            public void asked(Head head, Lineage lineage, Consumer<Batch> reply) {}
        };
    }
}
