package io.meridian.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** The process's metrics, and the small HTTP endpoint that shows them where one is configured. Thread-safe. */
final class Observability implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Optional<HttpServer> http;

    /** {@code ready}: what /readyz answers by. */
    Observability(Optional<HostPort> bind, BooleanSupplier ready) {
        registry.config().namingConvention(new IstioMetricNames());
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        gc.bindTo(registry);
        http = bind.map(address -> serve(address, ready));
    }

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Where it listens; empty if nowhere. */
    Optional<InetSocketAddress> address() {
        return http.map(HttpServer::getAddress);
    }

    private HttpServer serve(HostPort address, BooleanSupplier ready) {
        try {
            HttpServer server = HttpServer.create(address.toSocketAddress(), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/metrics", exchange -> answer(exchange, 200, IstioMetricNames.scrape(registry)));
            server.createContext("/livez", exchange -> answer(exchange, 200, "ok\n"));
            server.createContext(
                    "/readyz",
                    exchange -> answer(
                            exchange, ready.getAsBoolean() ? 200 : 503, ready.getAsBoolean() ? "ok\n" : "not ready\n"));
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("meridian.metrics.bind: cannot listen on " + address, e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        http.ifPresent(server -> server.stop(0));
        gc.close();
        registry.close();
    }
}
