package io.meridian.compiler.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** A running Envoy, on ports that the system chose. Ends with {@link #close}. */
public final class EnvoyProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ANSWER_LIMIT_MILLIS = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path adminAddress;
    private final HttpClient client = HttpClient.newHttpClient();

    private EnvoyProcess(Process process, Path adminAddress) {
        this.process = process;
        this.adminAddress = adminAddress;
    }

    /** Once it is live. {@code directory} takes its configuration and log. */
    public static EnvoyProcess start(EnvoyBinary envoy, Bootstrap bootstrap, Path directory) {
        Bootstrap.Builder withAdmin = bootstrap.toBuilder();
        withAdmin.getAdminBuilder().setAddress(StaticBootstrap.localAddress(0));
        Path adminAddress = directory.resolve("admin-address");
        Path log = directory.resolve("envoy.log");
        try {
            Path config = Files.write(
                    directory.resolve("running.pb"), withAdmin.build().toByteArray());
            Process process = new ProcessBuilder(
                            envoy.executable().toString(),
                            "-c",
                            config.toString(),
                            "--concurrency",
                            "1",
                            "--use-dynamic-base-id",
                            "--admin-address-path",
                            adminAddress.toString(),
                            "-l",
                            "warning")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            EnvoyProcess running = new EnvoyProcess(process, adminAddress);
            running.awaitLive(log);
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitLive(Path log) throws IOException {
        Instant limit = Instant.now().plus(START_LIMIT);
        while (!isLive()) {
            if (!process.isAlive() || Instant.now().isAfter(limit)) {
                close();
                throw new AssertionError("Envoy did not start: " + Files.readString(log));
            }
            try {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("Envoy ended: " + Files.readString(log));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean isLive() {
        try {
            return Files.exists(adminAddress)
                    && admin("/ready").startsWith("LIVE")
                    && !JSON.readTree(admin("/listeners?format=json"))
                            .path("listener_statuses")
                            .isEmpty();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The body of an answer of its administration. */
    private String admin(String path) throws IOException {
        String address = Files.readString(adminAddress).strip();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + path))
                .timeout(Duration.ofMillis(ANSWER_LIMIT_MILLIS))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The port that a listener of its configuration is bound to. */
    public int port(String listener) {
        try {
            JsonNode statuses = JSON.readTree(admin("/listeners?format=json")).path("listener_statuses");
            for (JsonNode status : statuses) {
                if (status.path("name").asText().equals(listener)) {
                    return status.path("local_address")
                            .path("socket_address")
                            .path("port_value")
                            .asInt();
                }
            }
            throw new AssertionError("no listener " + listener + " in " + statuses);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it answers over HTTP/1.1, as it is on the wire. */
    public String send(int port, SimulatedRequest request) {
        StringBuilder text = new StringBuilder(request.method() + " " + request.path() + " HTTP/1.1\r\n");
        text.append("Host: ").append(request.authority()).append("\r\nConnection: close\r\n");
        request.headers()
                .forEach((name, value) ->
                        text.append(name).append(": ").append(value).append("\r\n"));
        try {
            return exchange(port, text.append("\r\n").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String exchange(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        client.close();
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
