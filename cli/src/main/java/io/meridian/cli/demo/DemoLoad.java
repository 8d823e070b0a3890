package io.meridian.cli.demo;

import io.meridian.api.type.v1.Position;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Traffic through the ingress and changes of the mesh at steady rates, counted each second: shows whether the page ever failed and for how long
 * changes had to wait while somebody kills regions or moves the home.
 */
final class DemoLoad {
    /** How long the last change is tried for. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    /** How much of it. */
    record Settings(Duration length, int pagesPerSecond, Duration writeEvery) {}

    /**
     * What came of it.
     *
     * @param writes failed: not acknowledged by the end; longest: the pause
     */
    record Totals(LoadCounter.Count pages, @Nullable String firstFailure, LoadCounter.Count writes) {
        boolean fine() {
            return pages.failed() == 0 && writes.failed() == 0;
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "productpage: %d requests, %d failed, slowest %d ms%s%nwrites: %d acknowledged, %d not, longest pause %d ms",
                    pages.done(),
                    pages.failed(),
                    pages.longest().toMillis(),
                    firstFailure == null ? "" : " (first failure: " + firstFailure + ")",
                    writes.done() - writes.failed(),
                    writes.failed(),
                    writes.longest().toMillis());
        }
    }

    private final DemoLayout layout;
    private final Settings settings;

    DemoLoad(DemoLayout layout, Settings settings) {
        this.layout = layout;
        this.settings = settings;
    }

    /** @param lines told one each second, on the calling thread */
    Totals run(Consumer<String> lines) {
        PageLoad pages = new PageLoad(URI.create(layout.ingressUrl() + "/productpage"), settings.pagesPerSecond());
        try (ExecutorService both = Executors.newFixedThreadPool(2);
                WriteLoad writes = new WriteLoad(
                        layout.regions().stream()
                                .map(DemoLayout.Region::adminAddress)
                                .toList(),
                        settings.writeEvery())) {
            long begin = System.nanoTime();
            long end = begin + settings.length().toNanos();
            CompletableFuture<Void> all = CompletableFuture.allOf(
                    CompletableFuture.runAsync(() -> pages.run(end), both),
                    CompletableFuture.runAsync(() -> writes.run(end, end + PATIENCE.toNanos()), both));
            for (long second = 1; !endedBy(all, begin + second * SECOND_NANOS); second++) {
                lines.accept(line(second, pages, writes));
            }
            all.join();
            return new Totals(
                    pages.counter().total(),
                    pages.firstFailure(),
                    writes.counter().total());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static boolean endedBy(CompletableFuture<?> all, long nanos) {
        try {
            all.get(Math.max(1, nanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            // The caller's join tells it.
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted", e);
        }
    }

    private String line(long second, PageLoad pages, WriteLoad writes) {
        LoadCounter.Count asked = pages.counter().recent();
        LoadCounter.Count written = writes.counter().recent();
        Duration pending = writes.pendingFor();
        String waiting = pending.toMillis() < 500 ? "" : ", one waits for " + pending.toMillis() + " ms";
        return String.format(
                Locale.ROOT,
                "%4d s  productpage: %d ok, %d failed, slowest %d ms   writes: %d, slowest %d ms%s   home %s",
                second,
                asked.done() - asked.failed(),
                asked.failed(),
                asked.longest().toMillis(),
                written.done(),
                written.longest().toMillis(),
                waiting,
                home(writes.last()));
    }

    /** An epoch names the region that writes in it. */
    private String home(@Nullable Position position) {
        if (position == null) {
            return "-";
        }
        long index = position.getEpoch() % 64;
        return layout.regions().stream()
                        .filter(region -> region.index() == index)
                        .map(DemoLayout.Region::name)
                        .findFirst()
                        .orElse("?")
                + " at " + position.getEpoch() + "." + position.getSeq();
    }
}
