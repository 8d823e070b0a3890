package io.meridian.core.internal;

import io.meridian.core.CoreSettings;
import io.meridian.core.HomeMoves;
import io.meridian.core.Inventories;
import io.meridian.core.MeshCommands;
import io.meridian.core.MeshLog;
import io.meridian.core.MeshStates;
import io.meridian.core.PeerCalls;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.Replicas;
import io.meridian.model.mesh.Decider;
import io.meridian.persistence.DataDirectory;
import io.meridian.persistence.Journal;
import io.meridian.persistence.LogReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts of a region's core together and takes them apart. */
public final class CoreParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoreParts.class);
    /** Reads that may wait for a thread. */
    private static final int MAX_WAITING_READS = 10_000;

    private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(1);
    private static final Duration WAKE_INTERVAL = Duration.ofSeconds(5);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final MeshCommands commands;
    private final MeshLog log;
    private final MeshStates states;
    private final Replicas replicas;
    private final LiveInventories inventories;
    private final ProxyDirectory proxies;
    private final PeerCalls duties;
    private final HomeMoves moves;

    private CoreParts(
            ActorSystem<?> system, CoreSettings settings, PeerRegions peers, Decider decider, InstantSource clock) {
        proxies = new ReportedProxies(clock);
        try {
            keep(DataDirectory.open(settings.dataDirectory(), settings.region(), settings.shared()));
            Journal journal = Journal.of(system.settings().config(), settings.dataDirectory());
            journal.prepare(settings.region());
            LOG.info("journal opened: journal=\"{}\"", journal);
            LogReader reader = keep(journal.reader(settings.readers()));
            BlockingReads reads = keep(new BlockingReads(settings.readers(), MAX_WAITING_READS));
            ExecutorService listeners = Executors.newVirtualThreadPerTaskExecutor();
            keep(listeners::shutdown);
            HeadBoard heads = keep(new HeadBoard(settings.region(), settings.reserve(), reader, listeners));
            heads.load();
            inventories = keep(new LiveInventories(settings.region(), journal.inventory(), clock));
            inventories.recheck().join();
            String incarnation = UUID.randomUUID().toString();
            Region region = new Region(
                    settings.region(),
                    incarnation,
                    settings,
                    settings.protocol(incarnation),
                    clock,
                    decider,
                    peers,
                    reader,
                    reads,
                    settings.shared() || journal.isRemote(),
                    heads,
                    system.ignoreRef());
            Entities entities = Entities.start(system, region);
            commands = new CommandRouter(settings.region(), entities, peers);
            log = new JournalLog(reader, reads, heads);
            states = new StateReads(entities, reader, reads, heads);
            replicas = new ReplicaAppender(entities);
            duties = new EntityCalls(entities, log);
            moves = new MoveRouter(settings.region(), entities, heads, peers);
            wakeEvery(system, entities, heads);
            recheckEvery(system, settings, reads, heads);
            sweepEvery(system, new InventorySweep(inventories, states, clock), reads);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Throws what opening the data directory throws; then nothing stays open. */
    public static CoreParts open(
            ActorSystem<?> system, CoreSettings settings, PeerRegions peers, Decider decider, InstantSource clock) {
        return new CoreParts(system, settings, peers, decider, clock);
    }

    private void recheckEvery(ActorSystem<?> system, CoreSettings settings, BlockingReads reads, HeadBoard heads) {
        Duration interval = settings.recheck();
        Cancellable timer = system.scheduler()
                .scheduleWithFixedDelay(
                        interval,
                        interval,
                        () -> {
                            try {
                                heads.recheck();
                                if (settings.shared()) {
                                    inventories.recheck().get(1, TimeUnit.MINUTES);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (Exception e) {
                                // Must not end the timer: the next round tries again.
                                LOG.warn("recheck failed: reason=\"{}\"", Failures.reason(e));
                            }
                        },
                        scala.concurrent.ExecutionContext.fromExecutor(reads));
        opened.push(timer::cancel);
    }

    private void sweepEvery(ActorSystem<?> system, InventorySweep sweep, BlockingReads reads) {
        Cancellable timer = system.scheduler()
                .scheduleWithFixedDelay(
                        SWEEP_INTERVAL,
                        SWEEP_INTERVAL,
                        () -> {
                            try {
                                sweep.sweep();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (Exception e) {
                                // Must not end the timer: the next round tries again.
                                LOG.warn("sweep of inventories failed: reason=\"{}\"", Failures.reason(e));
                            }
                        },
                        scala.concurrent.ExecutionContext.fromExecutor(reads));
        opened.push(timer::cancel);
    }

    /** A mesh may have something to do that nobody asks for: a handover to go on with, a branch to report, a lease to hold. */
    private void wakeEvery(ActorSystem<?> system, Entities entities, HeadBoard heads) {
        Cancellable timer = system.scheduler()
                .scheduleWithFixedDelay(
                        Duration.ZERO,
                        WAKE_INTERVAL,
                        () -> heads.meshes().forEach(mesh -> entities.tell(mesh, MeshMessage.Poke.INSTANCE)),
                        system.executionContext());
        opened.push(timer::cancel);
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    public MeshCommands commands() {
        return commands;
    }

    public MeshLog log() {
        return log;
    }

    public MeshStates states() {
        return states;
    }

    public PeerCalls duties() {
        return duties;
    }

    public HomeMoves moves() {
        return moves;
    }

    public Replicas replicas() {
        return replicas;
    }

    public Inventories inventories() {
        return inventories;
    }

    public ProxyDirectory proxies() {
        return proxies;
    }

    /** In the reverse order of opening; all of them, whatever fails. */
    @Override
    public void close() {
        for (AutoCloseable part = opened.poll(); part != null; part = opened.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("closing a part of the core failed: reason=\"{}\"", Failures.reason(e));
            }
        }
    }
}
