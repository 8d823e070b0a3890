package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.model.position.MeshId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshThreadTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ScheduledExecutorService thread = MeshThread.of(new MeshId("shop"), new GatewayMetrics(meters));

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private double failures() {
        return meters.get("pilot.total.xds.internal.errors").counter().count();
    }

    private static void fail() {
        throw new IllegalStateException("the task fails");
    }

    @Test
    void aTaskThatFailsIsCountedAndTheNextOnesRun() throws Exception {
        thread.execute(MeshThreadTest::fail);
        ScheduledFuture<?> later = thread.schedule(MeshThreadTest::fail, 1, TimeUnit.NANOSECONDS);

        // Behind both: a scheduled task is run before one that is due after it.
        String ran = thread.schedule(() -> "ran", 2, TimeUnit.MILLISECONDS).get(30, TimeUnit.SECONDS);

        assertThat(ran).isEqualTo("ran");
        assertThat(later.isDone()).isTrue();
        assertThat(failures()).isEqualTo(2);
    }

    @Test
    void whatIsCancelledOrComesAfterTheEndIsNoFailure() throws Exception {
        ScheduledFuture<?> cancelled = thread.schedule(MeshThreadTest::fail, 1, TimeUnit.HOURS);
        cancelled.cancel(false);
        ScheduledFuture<?> toCome = thread.schedule(MeshThreadTest::fail, 1, TimeUnit.HOURS);

        thread.shutdown();
        thread.execute(MeshThreadTest::fail);

        assertThat(thread.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(toCome.isCancelled()).isTrue();
        assertThat(failures()).isZero();
    }
}
