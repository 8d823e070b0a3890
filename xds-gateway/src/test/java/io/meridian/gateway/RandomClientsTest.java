package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import io.grpc.ManagedChannel;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever clients and their mesh do, over real connections and between two gateways, in the end each client holds what it wants of what a
 * compiler without a history makes of the mesh. Of a history that fails the seed is told; {@code -Dmeridian.history=SEED} runs it alone.
 */
@Timeout(120)
class RandomClientsTest {
    private static final String SEED = "meridian.history";
    private static final int HISTORIES = 24;
    private static final int GATEWAYS = 2;

    private final TestCore core = new TestCore();
    private final ManagedChannel feed = core.channel();
    private final List<Gateway> gateways = new ArrayList<>();

    static String gatewayId(int number) {
        return "gw-" + number;
    }

    @BeforeEach
    void start() throws IOException {
        for (int number = 0; number < GATEWAYS; number++) {
            gateways.add(Gateway.start(
                    settings(gatewayId(number)), feed, mesh -> new TestCompiler(), new SimpleMeterRegistry()));
        }
    }

    @AfterEach
    void close() {
        gateways.forEach(Gateway::close);
        feed.shutdownNow();
        core.close();
    }

    /** Small responses, and short waits. */
    private static GatewaySettings settings(String id) {
        GatewaySettings.Limits limits = GatewaySettings.Limits.DEFAULT;
        return new GatewaySettings(
                id,
                "eu-1",
                "127.0.0.1",
                0,
                Optional.empty(),
                limits.toBuilder()
                        .chunkBytes(1000)
                        .waveLimit(Duration.ofMillis(100))
                        .drainGrace(Duration.ofMillis(100))
                        .inventoryDebounce(Duration.ofMillis(1))
                        .configurationDebounce(Duration.ofMillis(2))
                        .build());
    }

    @Test
    void whateverTheyDoClientsComeToHoldWhatTheyWantOfWhatThereIs() throws Exception {
        Optional<Long> told = Optional.ofNullable(Long.getLong(SEED));
        List<Long> seeds = told.map(List::of)
                .orElseGet(() -> new Random().longs(HISTORIES).boxed().toList());

        List<Callable<Boolean>> histories = new ArrayList<>();
        seeds.forEach(seed -> histories.add(() -> holds(seed)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertAll(threads.invokeAll(histories).stream()
                    .map(result -> () -> assertThat(result.get()).isTrue()));
        }
    }

    private boolean holds(long seed) {
        try (RandomHistory history = new RandomHistory(seed, core, gateways)) {
            history.run();
            return true;
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("-D" + SEED + "=" + seed + " fails", e);
        }
    }
}
