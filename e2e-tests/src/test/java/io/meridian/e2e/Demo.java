package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** {@code meridian demo} as a test sees it: its commands, its regions' command lines, its pages. Used by one thread. */
final class Demo {
    /** The product promises a second; a loaded test machine gets more before it counts as broken. */
    static final Duration SOON = Duration.ofSeconds(30);

    private static final Duration COMMAND = Duration.ofMinutes(4);
    private static final String MESH = "bookinfo";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Which version of reviews answered; NONE where the page says that reviews are not available. */
    enum Reviews {
        V1,
        V2,
        V3,
        NONE
    }

    private final Path data;
    private final Launcher meridian = Launcher.create();

    Demo(Path data) {
        this.data = data;
    }

    Launcher.Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("demo", "--data", data.toString()));
        all.addAll(List.of(arguments));
        return meridian.run(COMMAND, "", all.toArray(String[]::new));
    }

    void start() {
        run("--detach").expect(0);
    }

    JsonNode status() {
        return run("status", "-o", "json").json();
    }

    /** The command line with a region as its server and the demo's mesh as its mesh. */
    Launcher cli(String region) {
        for (JsonNode each : layout().get("regions")) {
            if (each.get("name").asText().equals(region)) {
                return meridian.with(
                                "MERIDIAN_SERVER",
                                "127.0.0.1:" + each.get("admin").asText())
                        .with("MERIDIAN_MESH", MESH);
            }
        }
        throw new IllegalArgumentException(region);
    }

    static String example(String file) {
        return Launcher.root().resolve("examples/bookinfo").resolve(file).toString();
    }

    /** "EPOCH.SEQ" of a write's answer. */
    static String position(JsonNode written) {
        return written.at("/position/epoch").asText() + "."
                + written.at("/position/seq").asText();
    }

    /** The mesh's head. */
    String head(String region) {
        return position(
                cli(region).run("mesh", "get", MESH, "-o", "json").expect(0).json());
    }

    /** Applies an example in a region and waits until every proxy has it; its position. */
    String apply(String region, String file) {
        return done(region, cli(region).run("apply", "-f", example(file), "-o", "json"));
    }

    /** Deletes an object in a region and waits until every proxy has it. */
    void delete(String region, String kind, String name) {
        done(region, cli(region).run("delete", kind, name, "-o", "json"));
    }

    /** A write that succeeded, everywhere. */
    String done(String region, Launcher.Result write) {
        String position = position(write.expect(0).json());
        cli(region).run("wait", "--position", position, "--timeout", "30s").expect(0);
        return position;
    }

    JsonNode proxies(String region) {
        return cli(region).run("proxies", "-o", "json").expect(0).json().get("proxies");
    }

    /** "http://HOST:PORT" of the ingress. */
    String ingress() {
        return "http://127.0.0.1:" + layout().get("ingressPort").asInt();
    }

    /** Where productpage's application finds its sidecar. */
    String productpageEgress() {
        return "http://" + sidecar("productpage-v1").get("egress").asText() + ":9080";
    }

    /** HOST:PORT of the own interface of a workload's Envoy. */
    String envoyAdmin(String workload) {
        return "127.0.0.1:" + sidecar(workload).at("/proxy/adminPort").asInt();
    }

    private JsonNode sidecar(String workload) {
        for (JsonNode sidecar : layout().get("sidecars")) {
            if (sidecar.at("/proxy/name").asText().equals(workload)) {
                return sidecar;
            }
        }
        throw new IllegalArgumentException(workload);
    }

    HttpResponse<String> page(String... headers) {
        return Http.get(ingress() + "/productpage", headers);
    }

    /** Who answers the page's question for reviews. */
    Reviews reviews(String... headers) {
        HttpResponse<String> page = page(headers);
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        return reviewsOf(page.body());
    }

    static Reviews reviewsOf(String body) {
        if (body.contains("reviews-v1")) {
            return Reviews.V1;
        }
        if (body.contains("reviews-v2")) {
            return Reviews.V2;
        }
        return body.contains("reviews-v3") ? Reviews.V3 : Reviews.NONE;
    }

    Map<Reviews, Integer> count(int requests, String... headers) {
        Map<Reviews, Integer> counts = new EnumMap<>(Reviews.class);
        for (int i = 0; i < requests; i++) {
            counts.merge(reviews(headers), 1, Integer::sum);
        }
        return counts;
    }

    /** Who answers one request after the other; each is one request of one proxy, productpage's, to reviews. */
    List<Reviews> sequence(int requests) {
        List<Reviews> sequence = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> answer = Http.get(ingress() + "/api/v1/products/0/reviews");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            sequence.add(reviewsOf(answer.body()));
        }
        return sequence;
    }

    /** The processes that it has started, by name. */
    Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        read("state.json")
                .get("processes")
                .properties()
                .forEach(process -> pids.put(
                        process.getKey(), process.getValue().at("/id/pid").asLong()));
        return pids;
    }

    long pid(String process) {
        Long pid = pids().get(process);
        if (pid == null) {
            throw new AssertionError("the demo has no process " + process + "; it has " + pids());
        }
        return pid;
    }

    /** HOST:PORT of everything that it has listened at. */
    List<String> listening() {
        List<String> all = new ArrayList<>();
        JsonNode layout = layout();
        for (JsonNode region : layout.get("regions")) {
            for (String port : List.of("admin", "xds", "peer", "metrics", "cluster")) {
                all.add("127.0.0.1:" + region.get(port).asInt());
            }
        }
        all.add("127.0.0.1:" + layout.at("/ingress/adminPort").asInt());
        all.add("127.0.0.1:" + layout.get("ingressPort").asInt());
        all.add("127.0.0.1:" + layout.get("externalPort").asInt());
        for (JsonNode sidecar : layout.get("sidecars")) {
            all.add("127.0.0.1:" + sidecar.at("/proxy/adminPort").asInt());
            all.add("127.0.0.1:" + sidecar.get("appPort").asInt());
            all.add(sidecar.at("/proxy/address").asText() + ":9080");
            all.add(sidecar.get("egress").asText() + ":9080");
        }
        return all;
    }

    /** What is left of a process that nobody has waited for does not count. */
    static boolean runs(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException gone) {
            return false;
        }
    }

    /** Also those that it does not know of any more. */
    List<String> processesOfItsData() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(data.toString()))
                        .isPresent())
                .filter(process -> runs(process.pid()))
                .map(process -> process.info().commandLine().orElse(""))
                .toList();
    }

    static void signal(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
            assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).as("kill -" + signal + " " + pid).isZero();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private JsonNode layout() {
        return read("layout.json");
    }

    private JsonNode read(String file) {
        try {
            return JSON.readTree(data.resolve(file).toFile());
        } catch (IOException e) {
            throw new AssertionError("cannot read the demo's " + file, e);
        }
    }
}
