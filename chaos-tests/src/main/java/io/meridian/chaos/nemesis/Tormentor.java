package io.meridian.chaos.nemesis;

import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History;
import io.meridian.chaos.nemesis.Nemesis.Fault;
import io.meridian.chaos.nemesis.Nemesis.Lane;
import io.meridian.chaos.nemesis.Schedule.Planned;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Performs a schedule, one thread for each lane, and writes it down. Used once. */
public final class Tormentor {
    private final Regions regions;
    private final Schedule schedule;
    private final History history;
    private final Consumer<String> notice;
    private final AtomicInteger performed = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable Exception failure;

    /** {@code notice}: told what a person should know. */
    public Tormentor(Regions regions, Schedule schedule, History history, Consumer<String> notice) {
        this.regions = regions;
        this.schedule = schedule;
        this.history = history;
        this.notice = notice;
    }

    public void start() {
        long begin = System.nanoTime();
        for (Lane lane : Lane.values()) {
            threads.add(Thread.ofVirtual().name("nemesis-" + lane).start(() -> perform(begin, schedule.lane(lane))));
        }
    }

    private void perform(long begin, List<Planned> faults) {
        try {
            for (Planned planned : faults) {
                sleep(begin + planned.at().toNanos() - System.nanoTime());
                perform(planned);
            }
        } catch (InterruptedException e) {
            // The run is over.
        } catch (IOException | RuntimeException e) {
            notice.accept("a nemesis failed: " + e);
            failure = e;
        }
    }

    private void perform(Planned planned) throws IOException, InterruptedException {
        Fault fault;
        try {
            fault = planned.nemesis().start(regions, new Random(planned.seed()));
        } catch (UnsupportedOperationException e) {
            notice.accept("skipped " + planned.nemesis().name() + ": " + e.getMessage());
            history.nemesis("skipped")
                    .with(Field.NEMESIS, planned.nemesis().name())
                    .with(Field.WHAT, e.getMessage())
                    .with(Field.REGIONS, List.of())
                    .write();
            return;
        }
        performed.incrementAndGet();
        write(planned, fault, "start");
        try {
            fault.started();
            sleep(planned.duration().toNanos());
        } finally {
            write(planned, fault, "heal");
            fault.heal();
            write(planned, fault, "healed");
            fault.healed();
        }
    }

    private static void sleep(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos);
    }

    private void write(Planned planned, Fault fault, String phase) throws IOException {
        var line = history.nemesis(phase)
                .with(Field.NEMESIS, planned.nemesis().name())
                .with(Field.WHAT, fault.what())
                .with(Field.REGIONS, fault.regions());
        if (phase.equals("heal")) {
            line.with(Field.FORGETS, fault.forgets());
        }
        if (phase.equals("healed") && !fault.counts().isEmpty()) {
            line.with(Field.COUNTS, fault.counts());
            notice.accept("healed " + planned.nemesis().name() + ": " + fault.counts());
        }
        line.write();
        history.flush();
        if (!phase.equals("healed")) {
            notice.accept(phase + " " + planned.nemesis().name() + ": " + fault.what());
        }
    }

    /** Faults that were started so far. */
    public int performed() {
        return performed.get();
    }

    /** Waits for the end of the schedule; then nothing is broken any more, and all regions and gateways run. */
    public void finish(Duration limit) throws IOException, InterruptedException {
        for (Thread thread : threads) {
            if (!thread.join(limit)) {
                thread.interrupt();
                thread.join();
            }
        }
        regions.wires().heal();
        for (Region region : regions.all()) {
            region.resume();
        }
        regions.startAll();
        regions.startGateways();
        Exception cause = failure;
        if (cause != null) {
            throw new IOException("a nemesis failed: " + cause, cause);
        }
    }
}
