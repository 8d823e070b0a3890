package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a client does, in the end it holds what it wants of what there is. */
class ProtocolPropertiesTest {
    private static final int STEPS = 80;

    @Property(tries = 400)
    void aDeltaClientComesToHoldWhatItWants(@ForAll long seed) {
        ModelRun<?, ?> run = ModelRun.delta(seed);
        converges(run);
        boolean hasEverything = run.client.refusedNothing();
        int sends = run.sendsAfterReconnect();
        run.assertConverged();
        if (hasEverything) {
            assertThat(sends)
                    .as("responses to a client that has everything")
                    .isLessThanOrEqualTo(run.client.asksInVain());
        }
    }

    @Property(tries = 400)
    void aStateOfTheWorldClientComesToHoldWhatItWants(@ForAll long seed) {
        ModelRun<?, ?> run = ModelRun.stateOfTheWorld(seed);
        converges(run);
        run.sendsAfterReconnect();
        run.assertConverged();
    }

    private static void converges(ModelRun<?, ?> run) {
        for (int step = 0; step < STEPS; step++) {
            run.act();
        }
        run.settle();
        run.assertConverged();
    }
}
