package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DemoLoadTest {
    private static final DemoLoad.Settings SHORT =
            new DemoLoad.Settings(Duration.ofMillis(1200), 50, Duration.ofMillis(20));

    @TempDir
    private Path data;

    private final AtomicInteger failures = new AtomicInteger();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private DemoLayout layout;
    private HttpServer page;
    private FakeAdmin us;

    @BeforeEach
    void start() throws IOException {
        layout = DemoLayout.choose(data, Examples.bookinfo());
        us = new FakeAdmin(layout.region("us-1").admin());
        page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), layout.ingressPort()), 0);
        page.createContext("/productpage", exchange -> {
            byte[] body = "<html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(
                    failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        page.start();
    }

    @AfterEach
    void stop() {
        page.stop(0);
        us.close();
    }

    @Test
    void aChangeIsAskedForElsewhereUnderItsIdUntilItIsAcknowledged() {
        us.unavailable.set(3);

        DemoLoad.Totals totals = new DemoLoad(layout, SHORT).run(lines::add);

        assertThat(totals.fine()).isTrue();
        assertThat(totals.pages().done()).isGreaterThan(20);
        assertThat(totals.writes().done()).isPositive();
        assertThat(us.requestIds.subList(0, 4))
                .as("three refusals and the answer")
                .containsOnly(us.requestIds.get(0));
        assertThat(us.requestIds.stream().distinct())
                .hasSize((int) totals.writes().done());
        assertThat(lines.getFirst()).startsWith("   1 s  productpage: ").contains(" 0 failed, slowest ", "   home ");
        assertThat(totals.text())
                .contains(" 0 failed, slowest ", "writes: " + totals.writes().done(), "longest pause ");
    }

    @Test
    void aPageThatFailsIsCountedAndTold() {
        failures.set(2);

        DemoLoad.Totals totals = new DemoLoad(layout, SHORT).run(lines::add);

        assertThat(totals.fine()).isFalse();
        assertThat(totals.pages().failed()).isEqualTo(2);
        assertThat(totals.text()).contains(" 2 failed", "(first failure: status 503)");
    }
}
