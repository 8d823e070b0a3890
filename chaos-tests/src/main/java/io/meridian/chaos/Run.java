package io.meridian.chaos;

import io.grpc.StatusRuntimeException;
import io.meridian.chaos.check.Collected;
import io.meridian.chaos.client.Context;
import io.meridian.chaos.client.Convergence;
import io.meridian.chaos.client.HeadSampler;
import io.meridian.chaos.client.Loop;
import io.meridian.chaos.client.Mover;
import io.meridian.chaos.client.Proxy;
import io.meridian.chaos.client.Reader;
import io.meridian.chaos.client.RegionClient;
import io.meridian.chaos.client.Writer;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History;
import io.meridian.chaos.history.History.Step;
import io.meridian.chaos.nemesis.Nemesis;
import io.meridian.chaos.nemesis.Schedule;
import io.meridian.chaos.nemesis.Tormentor;
import io.meridian.chaos.region.Gateway;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One run, from the start of the regions to what they hold at the end. Used once. */
final class Run {
    private static final String MESH_PREFIX = "m-";
    private static final Duration KNOWN_EVERYWHERE = Duration.ofSeconds(60);
    /** Clients go on for so long after the last fault. */
    private static final Duration CALM = Duration.ofSeconds(3);
    /** I11's. */
    private static final Duration CONVERGENCE = Duration.ofSeconds(60);

    private static final Duration JOIN = Duration.ofSeconds(60);

    private final Settings settings;
    private final Consumer<String> notice;
    private final Random random;
    private final Map<String, Integer> meshes = new LinkedHashMap<>();

    /** {@code notice}: told what a person should know while it runs. */
    Run(Settings settings, Consumer<String> notice) {
        this.settings = settings;
        this.notice = notice;
        random = new Random(settings.seed());
        for (int i = 0; i < Regions.NAMES.size(); i++) {
            meshes.put(
                    MESH_PREFIX + Regions.NAMES.get(i),
                    settings.durability().syncReplicas().get(i));
        }
    }

    /**
     * The history is in its file afterwards.
     *
     * @throws IOException if the regions could not be started or a fault could not be made or healed: then there is nothing to judge
     */
    Collected perform() throws IOException, InterruptedException {
        try (History history = new History(settings.history());
                Regions regions = Regions.start(
                        settings.root(),
                        settings.folder().resolve("regions").toAbsolutePath(),
                        settings.heap(),
                        settings.kind(),
                        settings.between(),
                        settings.nemeses().stream().anyMatch(Nemesis::wantsOwnDisks))) {
            Thread cleanUp = new Thread(() -> closeQuietly(regions));
            Runtime.getRuntime().addShutdownHook(cleanUp);
            try {
                regions.addGateways();
                return perform(history, regions);
            } finally {
                Runtime.getRuntime().removeShutdownHook(cleanUp);
            }
        }
    }

    /** Where the JVM ends before the run does: no process may stay behind. */
    private static void closeQuietly(Regions regions) {
        try {
            regions.close();
        } catch (IOException e) {
            // Nobody is there any more to be told.
        }
    }

    private Collected perform(History history, Regions regions) throws IOException, InterruptedException {
        writeRun(history, regions);
        List<RegionClient> clients = new ArrayList<>();
        try {
            for (Region region : regions.all()) {
                clients.add(new RegionClient(region.name(), region.admin()));
            }
            Context context = new Context(history, clients, List.copyOf(meshes.keySet()));
            createMeshes(clients);
            notice.accept("three regions and their gateways run, with meshes " + meshes.keySet());
            torment(context, regions);
            return collect(clients);
        } finally {
            for (RegionClient client : clients) {
                client.close();
            }
        }
    }

    private void writeRun(History history, Regions regions) {
        Map<String, Integer> indexes = new LinkedHashMap<>();
        regions.all().forEach(region -> indexes.put(region.name(), region.index()));
        Map<String, String> gateways = new LinkedHashMap<>();
        regions.gateways()
                .forEach(
                        gateway -> gateways.put(gateway.name(), gateway.region().name()));
        history.monitor(Step.INFO, "run")
                .with(Field.SEED, settings.seed())
                .with(Field.REGIONS, indexes)
                .with(Field.MESHES, meshes)
                .with(Field.LEASED, false)
                .with(Field.GATEWAYS, gateways)
                .with(Field.SECONDS, settings.length().toSeconds())
                .write();
    }

    /** One in each region; returns when all regions know all of them. */
    private void createMeshes(List<RegionClient> clients) throws IOException, InterruptedException {
        for (RegionClient client : clients) {
            String mesh = MESH_PREFIX + client.name();
            client.createMesh(mesh, client.name(), meshes.getOrDefault(mesh, 0));
        }
        long deadline = System.nanoTime() + KNOWN_EVERYWHERE.toNanos();
        for (RegionClient client : clients) {
            for (String mesh : meshes.keySet()) {
                while (!knows(client, mesh)) {
                    if (System.nanoTime() > deadline) {
                        throw new IOException(client.name() + " did not learn of mesh " + mesh + " within "
                                + KNOWN_EVERYWHERE + ", without any fault");
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
        }
    }

    private static boolean knows(RegionClient client, String mesh) {
        try {
            return client.mesh(mesh, KNOWN_EVERYWHERE).getNamespaces() > 0;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private void torment(Context context, Regions regions) throws IOException, InterruptedException {
        List<Loop> clients = new ArrayList<>();
        for (int i = 0; i < settings.writers(); i++) {
            String mesh = context.meshes().get(i % context.meshes().size());
            clients.add(new Writer(context, mesh, random.nextLong(), settings.pause()));
        }
        for (int i = 0; i < settings.readers(); i++) {
            clients.add(new Reader(context, random.nextLong(), settings.pause()));
        }
        List<Loop> samplers = new ArrayList<>();
        context.regions().forEach(region -> samplers.add(new HeadSampler(context, region)));
        List<Loop> movers = new ArrayList<>();
        if (settings.moves() != Settings.Moves.NONE) {
            movers.add(new Mover(context, random.nextLong(), settings.moves() == Settings.Moves.ALL));
        }
        List<Proxy> proxies = new ArrayList<>();
        for (Gateway gateway : regions.gateways()) {
            for (String mesh : context.meshes()) {
                proxies.add(new Proxy(context, gateway.name(), gateway.xds(), mesh, random.nextLong()));
            }
        }
        Tormentor tormentor = new Tormentor(
                regions,
                Schedule.of(settings.seed(), settings.length(), settings.nemeses()),
                context.history(),
                notice);

        proxies.forEach(Loop::start);
        clients.forEach(Loop::start);
        samplers.forEach(Loop::start);
        movers.forEach(Loop::start);
        tormentor.start();
        TimeUnit.NANOSECONDS.sleep(settings.length().toNanos());
        end(movers);
        tormentor.finish(JOIN);
        long healed = System.nanoTime();
        notice.accept("all faults are healed");
        TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
        end(clients);
        awaitConvergence(context, proxies, healed);
        end(samplers);
        end(proxies);
        proxies.forEach(Proxy::close);
    }

    private static void end(List<? extends Loop> loops) throws InterruptedException {
        loops.forEach(Loop::stop);
        for (Loop loop : loops) {
            loop.join(JOIN);
        }
    }

    private void awaitConvergence(Context context, List<Proxy> proxies, long healed) throws InterruptedException {
        List<String> missing = new Convergence(context, proxies, healed + CONVERGENCE.toNanos()).await();
        double seconds = (System.nanoTime() - healed) / 1e9;
        context.history()
                .monitor(missing.isEmpty() ? Step.OK : Step.FAIL, "converged")
                .with(Field.SECONDS, seconds)
                .with(Field.ERROR, String.join("; ", missing))
                .write();
    }

    private Collected collect(List<RegionClient> clients) throws IOException {
        Collected collected = new Collected();
        for (String mesh : meshes.keySet()) {
            for (RegionClient client : clients) {
                try {
                    collected.put(mesh, client.name(), client.log(mesh), branches(client, mesh));
                } catch (StatusRuntimeException e) {
                    // What it does not show counts as what it does not have: the judgement says so.
                    notice.accept(client.name() + " does not show its log of " + mesh + ": " + e.getMessage());
                }
            }
        }
        collected.save(settings.folder());
        return collected;
    }

    private List<io.meridian.api.admin.v1.Branch> branches(RegionClient client, String mesh) {
        try {
            return client.branches(mesh);
        } catch (StatusRuntimeException e) {
            if (settings.moves() == Settings.Moves.ALL) {
                notice.accept(client.name() + " does not list the branches of " + mesh + ": " + e.getMessage());
            }
            return List.of();
        }
    }
}
