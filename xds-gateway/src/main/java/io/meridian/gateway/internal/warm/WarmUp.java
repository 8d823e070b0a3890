package io.meridian.gateway.internal.warm;

import io.meridian.compiler.MeshCompiler;
import io.meridian.model.position.MeshId;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JVM compile what connecting proxies and changes will run: a mesh of a hundred services is served to clients over loopback that
 * come, hold everything, see changes, go and come back. Several waves of few clients rather than one of many, so that it takes little memory.
 */
public final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    /** The JVM's first compiler takes a method after some 200 calls; after five waves a further one gains next to nothing. */
    private static final int SERVICES = 120;

    private static final int CLIENTS = 25;
    private static final int WAVES = 5;
    private static final int CHANGES = 3;
    /** A step takes a few hundred milliseconds when everything is cold. */
    private static final Duration STEP_LIMIT = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(5);

    private final Function<MeshId, MeshCompiler> compilers;
    /** So many came and went; meaningful once the thread ended. */
    private int streams;

    private boolean done;

    private WarmUp(Function<MeshId, MeshCompiler> compilers) {
        this.compilers = compilers;
    }

    /**
     * Runs it, and returns when it is done, has failed, or the limit is over, of which the last two are logged and nothing more. All of it is
     * gone then; what ran into the limit may take a moment longer.
     *
     * @param compilers makes the compilers that real meshes get; asked for one of a mesh that does not exist
     * @param limit for all of it; zero: nothing is done
     * @return whether all of it was done
     */
    public static boolean run(Function<MeshId, MeshCompiler> compilers, Duration limit) {
        if (!limit.isPositive()) {
            return false;
        }
        long start = System.nanoTime();
        WarmUp warmUp = new WarmUp(compilers);
        // A thread of its own, so that the limit holds whatever hangs.
        Thread thread = Thread.ofPlatform().name("warm-up").daemon().start(warmUp::exercise);
        try {
            if (!thread.join(limit)) {
                thread.interrupt();
                LOG.warn("warm-up is not through in time, serving all the same limit={}", limit);
                return false;
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return false;
        }
        // What it leaves is garbage that has grown old: collected now, it does not make the process larger for good.
        System.gc();
        if (warmUp.done) {
            LOG.info(
                    "warmed up streams={} millis={}",
                    warmUp.streams,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
        return warmUp.done;
    }

    private void exercise() {
        try (WarmServer server = new WarmServer(compilers, SERVICES);
                WarmFleet fleet = new WarmFleet(server.address())) {
            server.follow();
            for (int wave = 0; wave < WAVES; wave++) {
                fleet.recruit(wave * CLIENTS, CLIENTS);
                comeAndGo(server, fleet);
            }
            done = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // Nobody needs what it makes: the gateway is slower at first, and serves.
            LOG.warn("warm-up failed, serving all the same error={}", e.toString(), e);
        }
    }

    private void comeAndGo(WarmServer server, WarmFleet fleet) throws InterruptedException, TimeoutException {
        fleet.connect();
        synced(server);
        for (int change = 0; change < CHANGES; change++) {
            server.change();
            synced(server);
        }
        leave(server, fleet);
        fleet.connect();
        synced(server);
        leave(server, fleet);
        streams += 2 * CLIENTS;
    }

    private static void synced(WarmServer server) throws InterruptedException, TimeoutException {
        await("in sync", () -> server.synced(CLIENTS));
    }

    private static void leave(WarmServer server, WarmFleet fleet) throws InterruptedException, TimeoutException {
        fleet.disconnect();
        await("gone", () -> server.synced(0));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + STEP_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("the clients are not " + what + " within " + STEP_LIMIT);
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }
}
