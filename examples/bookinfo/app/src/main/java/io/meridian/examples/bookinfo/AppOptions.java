package io.meridian.examples.bookinfo;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The command line.
 *
 * @param services which to run, in this order
 * @param listen by service; missing: a port of 127.0.0.1 that the system chooses
 * @param egress base URL by "SERVICE" (for all that it calls) or "SERVICE/DEPENDENCY"; missing: http://DEPENDENCY:9080
 * @param clusters the cluster's name by service, told in what reviews answers
 */
record AppOptions(
        List<String> services,
        Map<String, InetSocketAddress> listen,
        Map<String, URI> egress,
        Map<String, String> clusters) {
    static final String USAGE = """
            usage: java -jar bookinfo-app.jar [--services NAME,...] [--listen NAME=HOST:PORT]... [--egress NAME[/DEPENDENCY]=URL]...
                                              [--cluster NAME=CLUSTER]...
            services: %s (all unless told otherwise)
            --listen  where NAME listens; a free port of 127.0.0.1 unless given
            --egress  base URL for what NAME calls, as a sidecar's http://127.0.0.1:9080; the Host header stays DEPENDENCY:9080
            --cluster the cluster that NAME is said to run in
            It prints one line that starts with "ready" and names where each service listens.
            """.formatted(String.join(", ", BookinfoApp.SERVICES));

    private static final int MAX_PORT = 65535;

    /** Throws IllegalArgumentException with a sentence for the user. */
    static AppOptions parse(List<String> args) {
        List<String> services = new ArrayList<>(BookinfoApp.SERVICES);
        Map<String, InetSocketAddress> listen = new LinkedHashMap<>();
        Map<String, URI> egress = new LinkedHashMap<>();
        Map<String, String> clusters = new LinkedHashMap<>();
        for (int i = 0; i < args.size(); i += 2) {
            String option = args.get(i);
            if (i + 1 == args.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            String value = args.get(i + 1);
            switch (option) {
                case "--services" -> {
                    services = List.of(value.split(",", -1));
                    services.forEach(AppOptions::requireService);
                }
                case "--listen" -> {
                    Pair pair = Pair.of(option, value);
                    listen.put(requireService(pair.name()), address(pair.value()));
                }
                case "--egress" -> {
                    Pair pair = Pair.of(option, value);
                    requireService(pair.name().split("/", 2)[0]);
                    egress.put(pair.name(), URI.create(pair.value()));
                }
                case "--cluster" -> {
                    Pair pair = Pair.of(option, value);
                    clusters.put(requireService(pair.name()), pair.value());
                }
                default -> throw new IllegalArgumentException(option + " is not an option");
            }
        }
        return new AppOptions(services, listen, egress, clusters);
    }

    InetSocketAddress listenAddress(String service) {
        return listen.getOrDefault(service, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    URI baseUrl(String service, String dependency) {
        URI ofService = egress.getOrDefault(service, URI.create("http://" + dependency + ":" + BookinfoApp.PORT));
        return egress.getOrDefault(service + "/" + dependency, ofService);
    }

    private static String requireService(String name) {
        if (!BookinfoApp.SERVICES.contains(name)) {
            throw new IllegalArgumentException(
                    "there is no service '" + name + "'; there are " + String.join(", ", BookinfoApp.SERVICES));
        }
        return name;
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port <= MAX_PORT) {
                return new InetSocketAddress(text.substring(0, colon), port);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }

    private record Pair(String name, String value) {
        static Pair of(String option, String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(option + " takes NAME=VALUE, not '" + text + "'");
            }
            return new Pair(text.substring(0, equals), text.substring(equals + 1));
        }
    }
}
