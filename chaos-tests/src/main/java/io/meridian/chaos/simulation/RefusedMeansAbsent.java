package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import java.util.HashSet;
import java.util.Set;

/** What a client was told each time that it was certainly not executed was never executed. */
final class RefusedMeansAbsent extends Invariant {
    RefusedMeansAbsent(World world) {
        super(world, "refused means absent");
    }

    @Override
    void atEnd() {
        Set<String> executed = new HashSet<>();
        for (EventEnvelope envelope : world.facts().written().values()) {
            executed.add(envelope.header().getCommandId());
        }
        for (Operation operation : world.operations()) {
            if (operation.certainlyAbsent() && executed.contains(operation.id())) {
                throw violated(operation.id() + " was told to be certainly not executed and is in a log");
            }
        }
    }
}
