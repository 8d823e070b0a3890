package io.meridian.chaos.client;

import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.Region.MeshInRegion;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Step;
import io.meridian.chaos.history.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * After the faults and the other clients: one write of each mesh through each region, then equal heads everywhere, no home on the move, and
 * every gateway serving what the regions hold. Each is tried until it is so or the time is over. Used once, by one thread.
 */
public final class Convergence {
    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final String KEY = "probe";

    private final Context context;
    private final List<Proxy> proxies;
    /** By {@link System#nanoTime}. */
    private final long deadline;

    public Convergence(Context context, List<Proxy> proxies, long deadline) {
        this.context = context;
        this.proxies = List.copyOf(proxies);
        this.deadline = deadline;
    }

    /** What is missing when the time is over; empty if nothing is. */
    public List<String> await() throws InterruptedException {
        List<String> missing = new ArrayList<>();
        for (String mesh : context.meshes()) {
            for (RegionClient region : context.regions()) {
                String error = probe(mesh, region);
                if (!error.isEmpty()) {
                    missing.add(mesh + " takes no write through " + region.name() + " (" + error + ")");
                }
            }
        }
        String unequal;
        do {
            unequal = unequal();
        } while (!unequal.isEmpty() && timeLeft());
        if (!unequal.isEmpty()) {
            missing.add(unequal);
        }
        return missing;
    }

    private boolean timeLeft() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        return System.nanoTime() < deadline;
    }

    /** The last error; empty if it was acknowledged. At least one attempt is made. */
    private String probe(String mesh, RegionClient region) throws InterruptedException {
        int process = context.processes().getAndIncrement();
        long value = context.values().getAndIncrement();
        String id = process + "-" + value;
        line(process, Step.INVOKE, mesh, value, id)
                .with(Field.REGION, region.name())
                .write();
        boolean mayHaveRun = false;
        String error;
        do {
            try {
                Position position = RegionClient.position(
                        region.write(mesh, KEY, value, id, null, ATTEMPT).getPosition());
                context.known().learn(mesh, position);
                line(process, Step.OK, mesh, value, id)
                        .with(Field.POSITION, position)
                        .write();
                return "";
            } catch (StatusRuntimeException e) {
                Failure failure = Failure.of(e);
                error = failure.reason();
                mayHaveRun |= failure.meaning() == Failure.Meaning.UNKNOWN;
                region.reconnect();
            }
        } while (timeLeft());
        line(process, mayHaveRun ? Step.INFO : Step.FAIL, mesh, value, id)
                .with(Field.ERROR, error)
                .write();
        return error;
    }

    private io.meridian.chaos.history.History.Line line(int process, Step type, String mesh, long value, String id) {
        return context.history()
                .line(process, type, "write")
                .with(Field.MESH, mesh)
                .with(Field.KEY, KEY)
                .with(Field.VALUE, value)
                .with(Field.ID, id);
    }

    /** In words what differs; empty if nothing does. */
    private String unequal() {
        List<String> differences = new ArrayList<>();
        for (String mesh : context.meshes()) {
            Set<Position> heads = new HashSet<>();
            List<String> told = new ArrayList<>();
            for (RegionClient region : context.regions()) {
                try {
                    Position head =
                            RegionClient.position(region.mesh(mesh, ATTEMPT).getPosition());
                    heads.add(head);
                    told.add(region.name() + " " + head);
                } catch (StatusRuntimeException e) {
                    heads.add(new Position(-1, told.size()));
                    told.add(region.name() + " " + Failure.of(e).reason());
                    region.reconnect();
                }
            }
            if (heads.size() > 1) {
                differences.add(mesh + " is at " + String.join(", ", told));
            }
        }
        if (differences.isEmpty()) {
            differences.addAll(onTheMove());
        }
        if (differences.isEmpty()) {
            differences.addAll(notServed());
        }
        return String.join("; ", differences);
    }

    private List<String> onTheMove() {
        List<String> moving = new ArrayList<>();
        for (RegionClient region : context.regions()) {
            try {
                region.regions(ATTEMPT).stream()
                        .filter(io.meridian.api.admin.v1.Region::getLocal)
                        .flatMap(here -> here.getMeshesList().stream())
                        .filter(Convergence::isMoving)
                        .forEach(
                                mesh -> moving.add(mesh.getMesh() + " is " + mesh.getPhase() + " in " + region.name()));
            } catch (StatusRuntimeException e) {
                moving.add(region.name() + " does not list the regions: "
                        + Failure.of(e).reason());
            }
        }
        return moving;
    }

    /** Once all regions hold the same. */
    private List<String> notServed() {
        List<String> missing = new ArrayList<>();
        RegionClient region = context.regions().getFirst();
        for (String mesh : context.meshes()) {
            try {
                Map<String, Long> held = region.read(mesh, null, ATTEMPT).values();
                proxies.stream()
                        .filter(proxy ->
                                proxy.mesh().equals(mesh) && !proxy.served().equals(held))
                        .forEach(proxy -> missing.add(proxy.gateway() + " serves " + proxy.served() + " of " + mesh
                                + ", where the regions hold " + held));
            } catch (StatusRuntimeException e) {
                missing.add(region.name() + " does not show " + mesh + ": "
                        + Failure.of(e).reason());
                region.reconnect();
            }
        }
        return missing;
    }

    private static boolean isMoving(MeshInRegion mesh) {
        return mesh.getPhase().equals("DRAINING") || mesh.getPhase().equals("SEALED");
    }
}
