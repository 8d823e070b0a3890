package io.meridian.cli.demo;

import io.meridian.cli.demo.BookinfoInventory.Workload;
import io.meridian.cli.demo.DemoLayout.Proxy;
import io.meridian.cli.demo.DemoLayout.Region;
import io.meridian.cli.demo.DemoLayout.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command lines of the demo's processes, and the configuration files that they read, which are written before they start. */
final class DemoPrograms {
    static final String APP = "bookinfo";

    private static final String EXTERNAL = "external-books";
    /** Small, since three regions share a machine with seven Envoys. */
    private static final String REGION_HEAP = "192m";

    private static final String REGION_JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -Xss512k";
    private static final String JAVA_OPTIONS_VARIABLE = "MERIDIAN_JAVA_OPTS";

    private static final List<String> APP_JAVA_OPTIONS =
            List.of("-Xmx48m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxMetaspaceSize=48m");

    private final DemoHome home;
    private final DemoLayout layout;
    private final Path data;
    private final boolean tied;

    /** @param tied whether the processes die with this one */
    DemoPrograms(DemoHome home, DemoLayout layout, Path data, boolean tied) {
        this.home = home;
        this.layout = layout;
        this.data = data;
        this.tied = tied;
    }

    static String envoyName(Proxy proxy) {
        return "envoy-" + proxy.name();
    }

    DemoProcesses.Spec region(Region region) {
        Path config = write(
                "region-" + region.name() + ".conf", RegionConfig.of(layout, region, data.resolve(region.name())));
        return spec(
                region.name(),
                List.of(home.launcher().toString(), "region", "--heap", REGION_HEAP, "--config", config.toString()),
                // What this command was built with is there: three regions must not find sources changed and build
                // again.
                Map.of(
                        JAVA_OPTIONS_VARIABLE,
                        (REGION_JAVA_OPTIONS + " " + System.getenv().getOrDefault(JAVA_OPTIONS_VARIABLE, "")).strip(),
                        "MERIDIAN_NO_BUILD",
                        "1"));
    }

    DemoProcesses.Spec app() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(APP_JAVA_OPTIONS);
        command.addAll(List.of("-jar", home.bookinfoJar().toString()));
        for (Sidecar sidecar : layout.sidecars()) {
            String name = sidecar.proxy().name();
            command.addAll(List.of("--listen", name + "=127.0.0.1:" + sidecar.appPort()));
            command.addAll(List.of("--egress", name + "=http://" + sidecar.egress() + ":" + DemoLayout.SERVICE_PORT));
            command.addAll(List.of("--cluster", name + "=" + sidecar.proxy().cluster()));
        }
        command.addAll(List.of("--listen", EXTERNAL + "=127.0.0.1:" + layout.externalPort()));
        return spec(APP, command, Map.of());
    }

    /** The ingress first. */
    List<DemoProcesses.Spec> envoys(Path envoy, List<Workload> workloads) {
        DemoProxies proxies = new DemoProxies(layout);
        List<DemoProcesses.Spec> specs = new ArrayList<>();
        specs.add(envoy(envoy, layout.ingress(), proxies.ingress()));
        for (Sidecar sidecar : layout.sidecars()) {
            Workload workload = DemoProxies.workload(workloads, sidecar.proxy().name());
            specs.add(envoy(envoy, sidecar.proxy(), proxies.sidecar(sidecar, workload)));
        }
        return specs;
    }

    /** Also written to a file, for people to read. */
    String sidecarResources(List<Workload> workloads) {
        String yaml = new DemoProxies(layout).sidecarResources(workloads);
        write("sidecars.yaml", yaml);
        return yaml;
    }

    private DemoProcesses.Spec envoy(Path envoy, Proxy proxy, EnvoyBootstrap bootstrap) {
        String name = envoyName(proxy);
        Path config = write(name + ".json", bootstrap.json());
        return spec(
                name,
                List.of(
                        envoy.toString(),
                        "--config-path",
                        config.toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--log-level",
                        "warning"),
                Map.of());
    }

    private DemoProcesses.Spec spec(String name, List<String> command, Map<String, String> environment) {
        return new DemoProcesses.Spec(
                name, command, environment, data.resolve("logs").resolve(name + ".log"), tied);
    }

    private Path write(String name, String text) {
        Path file = data.resolve("config").resolve(name);
        try {
            Files.createDirectories(data.resolve("config"));
            Files.writeString(file, text);
            return file;
        } catch (IOException e) {
            throw new DemoException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
