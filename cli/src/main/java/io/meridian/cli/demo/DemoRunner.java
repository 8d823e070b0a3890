package io.meridian.cli.demo;

import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.demo.DemoLayout.Region;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brings the demo up, takes it down, and what can be done to it in between. One per command; its methods are called by one thread. */
final class DemoRunner {
    private static final Duration REGION_READY = Duration.ofSeconds(60);
    private static final Duration APP_READY = Duration.ofSeconds(20);
    private static final Duration PROXIES_READY = Duration.ofSeconds(60);
    private static final Duration PAGE_READY = Duration.ofSeconds(20);
    private static final int WAIT_SECONDS = 5;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int HTTP_TIMEOUT_MILLIS = 4000;

    /** What a region may take to leave its cluster and close its journal. */
    static final Duration GRACE = Duration.ofSeconds(8);

    private final DemoHome home;
    private final Path data;
    private final StateFile stateFile;
    private final DemoProcesses processes;
    private final Progress progress;

    DemoRunner(DemoHome home, Path data, Progress progress) {
        this.home = home;
        this.data = data;
        this.stateFile = new StateFile(data);
        this.processes = new DemoProcesses(stateFile);
        this.progress = progress;
    }

    /** Of all processes that belong to a complete demo. */
    static List<String> processNames(DemoLayout layout) {
        return Stream.of(
                        layout.regionNames().stream(),
                        Stream.of(DemoPrograms.APP),
                        layout.proxies().stream().map(DemoPrograms::envoyName))
                .flatMap(names -> names)
                .toList();
    }

    DemoState state() {
        return stateFile.read();
    }

    /**
     * Returns when everything serves. What it has started runs on if it throws: then, or at any time from another thread, call {@link #stop}.
     *
     * @param fresh forget all data of earlier runs
     * @param tied processes end with this one, whatever happens to it
     */
    DemoLayout start(boolean fresh, boolean tied) {
        clearTheWay(fresh);
        stateFile.update(now -> now.supervisedBy(tied ? ProcessId.current() : null));
        CompletableFuture<Path> envoy = CompletableFuture.supplyAsync(
                () -> EnvoyBinary.locate(System.getenv(), home.envoyFolder(), progress::say));
        DemoLayout layout = DemoLayout.choose(data, home.examples());
        DemoPrograms programs = new DemoPrograms(home, layout, data, tied);
        BookinfoInventory inventory = BookinfoInventory.read(home.examples(), layout.block());

        progress.say("starting regions " + String.join(", ", layout.regionNames()) + " and Bookinfo");
        List<DemoProcesses.Running> regions = new ArrayList<>();
        for (Region region : layout.regions()) {
            regions.add(processes.start(programs.region(region)));
        }
        DemoProcesses.Running app = processes.start(programs.app());
        regions.forEach(region -> processes.awaitLine(region, "ready", REGION_READY));
        processes.awaitLine(app, "ready", APP_READY);
        progress.say("regions are ready");

        List<DemoProcesses.Spec> envoys = programs.envoys(join(envoy), inventory.workloads());
        try (AdminClient admin = new AdminClient(layout.home().adminAddress())) {
            DemoSetup setup = new DemoSetup(admin);
            setUp(setup, layout, programs, inventory);
            progress.say("starting " + envoys.size() + " Envoys");
            envoys.forEach(processes::start);
            awaitProxies(setup, layout, envoys.size());
        }
        awaitPage(URI.create(layout.ingressUrl() + "/productpage"));
        progress.say("productpage answers through the ingress");
        return layout;
    }

    /** Ends all processes; the data stays. Safe to call from a shutdown hook while another thread starts more. */
    void stop() {
        processes.stopAll(GRACE);
    }

    /** Ends the demo, whoever started it. False if nothing ran. */
    boolean down() {
        DemoState state = stateFile.read();
        boolean ran = state.anyRunning() || state.supervised();
        ProcessId supervisor = state.supervisor();
        if (supervisor != null && supervisor.alive() && !supervisor.equals(ProcessId.current())) {
            // It would take their end for an accident; told to end, it ends them itself.
            DemoProcesses.end(List.of(supervisor), GRACE.plusSeconds(5));
        }
        stop();
        return ran;
    }

    /** Kills the region's process as a crash would. False if it does not run. */
    boolean killRegion(String name) {
        return processes.kill(requireLayout().region(name).name());
    }

    /** Returns when it is ready. False if it runs already. */
    boolean startRegion(String name) {
        DemoLayout layout = requireLayout();
        Region region = layout.region(name);
        if (stateFile.read().isRunning(region.name())) {
            return false;
        }
        DemoPrograms programs = new DemoPrograms(home, layout, data, false);
        processes.awaitLine(processes.start(programs.region(region)), "ready", REGION_READY);
        return true;
    }

    DemoLayout requireLayout() {
        return DemoLayout.load(data)
                .orElseThrow(() -> new DemoException(
                        "no demo has been started with the data in " + data + "; start one with ./meridian demo"));
    }

    /** Throws DemoException if one runs with this data. */
    void refuseIfRunning() {
        DemoState state = stateFile.read();
        if (state.supervised() || (state.supervisor() == null && state.anyRunning())) {
            throw new DemoException("the demo runs already with the data in " + data
                    + "; see it with ./meridian demo status, end it with ./meridian demo down");
        }
    }

    /** One that ended by itself. */
    void forget(String process) {
        stateFile.update(now -> now.isRunning(process) ? now : now.without(process));
    }

    /** Ends what a demo that was killed has left. */
    private void clearTheWay(boolean fresh) {
        refuseIfRunning();
        DemoState state = stateFile.read();
        if (state.anyRunning()) {
            progress.say("ending what an earlier demo has left");
            DemoProcesses.end(
                    state.processes().values().stream()
                            .map(DemoState.Started::id)
                            .toList(),
                    GRACE);
        }
        if (fresh) {
            deleteTree(data);
        }
        stateFile.update(now -> new DemoState(null, now.examplesApplied(), Map.of()));
    }

    private void setUp(DemoSetup setup, DemoLayout layout, DemoPrograms programs, BookinfoInventory inventory) {
        boolean created = setup.createMesh(layout.home().name());
        progress.say(created ? "mesh " + DemoLayout.MESH + " created" : "mesh " + DemoLayout.MESH + " found again");
        for (String cluster : BookinfoInventory.CLUSTERS) {
            setup.addCluster(cluster);
            setup.reportInventory(cluster, inventory.objects().getOrDefault(cluster, List.of()));
        }
        setup.deployIngress(layout);
        setup.apply("sidecars.yaml", programs.sidecarResources(inventory.workloads()));
        if (created || !stateFile.read().examplesApplied()) {
            setup.apply("bookinfo.yaml", read(home.examples().resolve("bookinfo.yaml")));
            stateFile.update(now -> now.examplesApplied(true));
        }
        progress.say("clusters, services, ingress gateway and resources are there");
    }

    private void awaitProxies(DemoSetup setup, DemoLayout layout, int count) {
        Position position = setup.position();
        long deadline = System.nanoTime() + PROXIES_READY.toNanos();
        WaitProxiesResponse answer = setup.waitProxies(position, WAIT_SECONDS);
        while (!answer.getDone() || answer.getProxies() < count) {
            if (System.nanoTime() > deadline) {
                throw new DemoException(answer.getProxies() + " of " + count + " proxies are connected"
                        + answer.getPendingList().stream()
                                .map(DemoRunner::pending)
                                .collect(Collectors.joining())
                        + "\nTheir logs are in " + data.resolve("logs"));
            }
            failIfEnded(layout);
            LockSupport.parkNanos(POLL.toNanos());
            answer = setup.waitProxies(position, WAIT_SECONDS);
        }
        progress.say(count + " proxies have acknowledged position " + position.getEpoch() + "." + position.getSeq());
    }

    private static String pending(ProxyStatus proxy) {
        return "\n  " + proxy.getNode() + " is " + proxy.getState()
                + proxy.getTypesList().stream()
                        .filter(type -> !type.getNack().isEmpty())
                        .map(type -> "; " + type.getType() + ": " + type.getNack())
                        .collect(Collectors.joining());
    }

    private void failIfEnded(DemoLayout layout) {
        DemoState state = stateFile.read();
        processNames(layout).stream()
                .filter(name -> !state.isRunning(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new DemoException(name + " has ended; its log is "
                            + data.resolve("logs").resolve(name + ".log"));
                });
    }

    /** HttpURLConnection starts faster than the JDK's other client. */
    private static void awaitPage(URI page) {
        long deadline = System.nanoTime() + PAGE_READY.toNanos();
        String last = "";
        while (System.nanoTime() < deadline) {
            try {
                HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
                connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
                connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
                int status = connection.getResponseCode();
                connection.disconnect();
                if (status == HttpURLConnection.HTTP_OK) {
                    return;
                }
                last = "status " + status;
            } catch (IOException e) {
                last = e.toString();
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        throw new DemoException(page + " does not answer: " + last);
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new DemoException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new DemoException("cannot delete " + root + ": " + e.getMessage(), e);
        }
    }
}
