package io.meridian.examples.bookinfo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Runs Bookinfo's services, all or some, until it is closed or the process is told to end. */
public final class BookinfoApp implements AutoCloseable {
    /** The port under which the services know each other. */
    static final int PORT = 9080;

    /** Named as workloads are: the service's name and version. */
    static final List<String> SERVICES = List.of(
            "productpage-v1", "details-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3", "external-books");

    private static final int EXIT_BAD_USAGE = 2;
    private static final int EXIT_NOT_STARTED = 3;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final Map<String, HttpService> running = new LinkedHashMap<>();
    private final HttpClient client = Upstream.newClient(CONNECT_TIMEOUT);

    private BookinfoApp() {}

    /** Serves when it returns. Throws IOException, with nothing left running, if an address is taken. */
    static BookinfoApp start(AppOptions options) throws IOException {
        BookinfoApp app = new BookinfoApp();
        for (String name : options.services()) {
            try {
                app.running.put(name, HttpService.start(options.listenAddress(name), app.service(name, options)));
            } catch (IOException e) {
                app.close();
                throw new IOException(
                        name + " cannot listen at " + options.listenAddress(name) + ": " + e.getMessage(), e);
            }
        }
        return app;
    }

    /** Where a service of {@link #SERVICES} that runs here listens. */
    InetSocketAddress address(String service) {
        HttpService found = running.get(service);
        if (found == null) {
            throw new IllegalArgumentException(service + " does not run here");
        }
        return found.address();
    }

    @Override
    public void close() {
        running.values().forEach(HttpService::close);
        client.shutdownNow();
    }

    private Function<Request, Response> service(String name, AppOptions options) {
        String cluster = options.clusters().getOrDefault(name, "null");
        return switch (name) {
            case "productpage-v1" ->
                new ProductPage(
                        upstream(name, "details", options),
                        upstream(name, "reviews", options),
                        upstream(name, "ratings", options));
            case "details-v1" -> new Details();
            case "ratings-v1" -> new Ratings();
            case "reviews-v1" -> new Reviews(name, cluster, Optional.empty());
            case "reviews-v2" ->
                new Reviews(name, cluster, Optional.of(Reviews.Stars.black(upstream(name, "ratings", options))));
            case "reviews-v3" ->
                new Reviews(name, cluster, Optional.of(Reviews.Stars.red(upstream(name, "ratings", options))));
            case "external-books" -> new ExternalBooks();
            default -> throw new IllegalArgumentException("there is no service " + name);
        };
    }

    private Upstream upstream(String service, String dependency, AppOptions options) {
        return new Upstream(client, options.baseUrl(service, dependency), dependency + ":" + PORT);
    }

    private String addresses() {
        return running.entrySet().stream()
                .map(entry -> entry.getKey() + "="
                        + entry.getValue().address().getAddress().getHostAddress() + ":"
                        + entry.getValue().address().getPort())
                .collect(Collectors.joining(" "));
    }

    public static void main(String[] args) throws InterruptedException {
        if (List.of(args).contains("--help")) {
            System.out.print(AppOptions.USAGE);
            return;
        }
        try {
            BookinfoApp app = start(AppOptions.parse(List.of(args)));
            Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
            System.out.println("ready " + app.addresses());
            new CountDownLatch(1).await();
        } catch (IllegalArgumentException e) {
            System.err.print("error: " + e.getMessage() + "\n\n" + AppOptions.USAGE);
            System.exit(EXIT_BAD_USAGE);
        } catch (IOException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(EXIT_NOT_STARTED);
        }
    }
}
