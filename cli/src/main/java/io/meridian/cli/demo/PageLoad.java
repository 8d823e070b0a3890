package io.meridian.cli.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Asks for a page at a fixed rate, whether or not earlier requests have been answered. Counts are read from another thread. */
final class PageLoad {
    private static final int TIMEOUT_MILLIS = 4000;

    private final URI page;
    private final long intervalNanos;
    private final LoadCounter counter = new LoadCounter();
    private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();

    PageLoad(URI page, int perSecond) {
        this.page = page;
        this.intervalNanos = Duration.ofSeconds(1).toNanos() / perSecond;
    }

    LoadCounter counter() {
        return counter;
    }

    /** What went wrong first; null if nothing did. */
    @Nullable
    String firstFailure() {
        return firstFailure.get();
    }

    /** Returns when the last request has ended. */
    void run(long endNanos) {
        try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long due = System.nanoTime(); due - endNanos < 0; due += intervalNanos) {
                LockSupport.parkNanos(due - System.nanoTime());
                requests.execute(this::request);
            }
        }
    }

    private void request() {
        long begin = System.nanoTime();
        String wrong = ask();
        counter.add(Duration.ofNanos(System.nanoTime() - begin), wrong == null);
        if (wrong != null) {
            firstFailure.compareAndSet(null, wrong);
        }
    }

    /** Null if it was answered as it should be. The body is read, so that a page that breaks off is none. */
    private @Nullable String ask() {
        try {
            HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                connection.disconnect();
                return "status " + status;
            }
            try (var body = connection.getInputStream()) {
                return body.readAllBytes().length == 0 ? "an empty page" : null;
            }
        } catch (IOException e) {
            return e.toString();
        }
    }
}
