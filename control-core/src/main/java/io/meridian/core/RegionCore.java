package io.meridian.core;

import io.meridian.core.internal.CoreParts;
import io.meridian.model.istio.IstioRules;
import io.meridian.model.mesh.Decider;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A region's core on one node: the ports, implemented. Thread-safe. */
public final class RegionCore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegionCore.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final CoreParts parts;

    private RegionCore(CoreParts parts) {
        this.parts = parts;
    }

    /**
     * Opens the data directory, joins the cluster (its own, if the system's configuration names no seed nodes) and returns when this node may
     * hold meshes. Blocks.
     *
     * @param system from {@link RegionSystem#create}
     * @throws IllegalStateException if the data directory is another's or in use, or the cluster was not joined in time
     * @throws io.meridian.persistence.LogDamagedException if the journal is damaged
     * @throws io.meridian.persistence.JournalUnavailableException if the journal cannot be reached
     */
    public static RegionCore start(ActorSystem<?> system, CoreSettings settings, PeerRegions peers) {
        return start(system, settings, peers, new Decider(new IstioRules()), InstantSource.system());
    }

    /** As above, with rules and a clock of the caller's. */
    static RegionCore start(
            ActorSystem<?> system, CoreSettings settings, PeerRegions peers, Decider decider, InstantSource clock) {
        CoreParts parts = CoreParts.open(system, settings, peers, decider, clock);
        try {
            join(system, settings.startTimeout());
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
        LOG.info("core started: settings={}", settings.summary());
        return new RegionCore(parts);
    }

    private static void join(ActorSystem<?> system, Duration timeout) {
        Cluster cluster = Cluster.get(system);
        if (system.settings().config().getStringList("pekko.cluster.seed-nodes").isEmpty()) {
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!cluster.selfMember().status().equals(MemberStatus.up())) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("this node has not become a member of the region's cluster within "
                        + timeout.toSeconds() + " s; it is " + cluster.selfMember());
            }
            try {
                Thread.sleep(LOOK_AGAIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while joining the cluster", e);
            }
        }
    }

    public MeshCommands commands() {
        return parts.commands();
    }

    public MeshLog log() {
        return parts.log();
    }

    public MeshStates states() {
        return parts.states();
    }

    /** What this region does for others. */
    public PeerCalls duties() {
        return parts.duties();
    }

    public HomeMoves moves() {
        return parts.moves();
    }

    public Replicas replicas() {
        return parts.replicas();
    }

    public Inventories inventories() {
        return parts.inventories();
    }

    public ProxyDirectory proxies() {
        return parts.proxies();
    }

    /** Ends readers and watches, and unlocks the data directory. The actor system, which writes into it, must have ended before. Idempotent. */
    @Override
    public void close() {
        parts.close();
    }
}
