package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a client does, in the end it holds what it wants of what there is. */
class ProtocolPropertiesTest {
    private static final int STEPS = 80;

    @Property(tries = 400)
    void aDeltaClientComesToHoldWhatItWants(@ForAll long seed) throws TooManyNamesException {
        converges(new ModelDeltaClient(new Random(seed), new Views()));
    }

    @Property(tries = 400)
    void aStateOfTheWorldClientComesToHoldWhatItWants(@ForAll long seed) throws TooManyNamesException {
        converges(new ModelStateOfTheWorldClient(new Random(seed), new Views()));
    }

    private static void converges(ModelClient<?> client) throws TooManyNamesException {
        for (int step = 0; step < STEPS; step++) {
            client.act();
        }
        client.settle();
        client.assertConverged();
        boolean nothingRefused = client.refusedNothing();
        int sends = client.sendsAfterReconnect();
        client.assertConverged();
        if (nothingRefused && client instanceof ModelDeltaClient) {
            assertThat(sends).as("responses to a client that has everything").isLessThanOrEqualTo(absent(client));
        }
    }

    /** Of each name that it asks for and that is not there it is told so again. */
    private static int absent(ModelClient<?> client) {
        int types = 0;
        for (var entry : client.holdings.entrySet()) {
            boolean asksForAbsent = entry.getValue().requested
                    && (entry.getValue().wanted.stream()
                                    .anyMatch(name ->
                                            !client.views.map(entry.getKey()).containsKey(name))
                            || (entry.getValue().wildcard
                                    && entry.getValue().held.isEmpty()));
            types += asksForAbsent ? 1 : 0;
        }
        return types;
    }
}
