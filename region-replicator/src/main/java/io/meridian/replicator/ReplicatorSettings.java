package io.meridian.replicator;

import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a region replicates.
 *
 * @param self this region
 * @param peers every other region, whether it is up or not
 * @param witness whether this region keeps no events: then it follows nobody
 */
public record ReplicatorSettings(
        RegionId self, List<PeerSettings> peers, boolean witness, Timings timings, Limits limits) {
    public ReplicatorSettings {
        peers = List.copyOf(peers);
        Set<Integer> indexes = new HashSet<>(Set.of(self.index()));
        Set<String> names = new HashSet<>(Set.of(self.name()));
        for (PeerSettings peer : peers) {
            if (!indexes.add(peer.id().index()) || !names.add(peer.id().name())) {
                throw new IllegalArgumentException(
                        "region " + peer.id() + " (index " + peer.id().index() + ") is named twice");
            }
        }
    }

    /** With the default timings and limits. */
    public ReplicatorSettings(RegionId self, List<PeerSettings> peers, boolean witness) {
        this(self, peers, witness, Timings.DEFAULTS, Limits.DEFAULTS);
    }

    /**
     * Where another region is found.
     *
     * @param address HOST:PORT of its RegionPeer service
     * @param adminAddress HOST:PORT for clients, passed on only
     * @param xdsAddress HOST:PORT for proxies, passed on only
     * @param witness whether it keeps promises and heads and no events: it is never followed, and its acknowledgements count for nothing
     * @param reserve whether it is no member of a mesh whose log names no members; passed on only
     */
    public record PeerSettings(
            RegionId id, String address, String adminAddress, String xdsAddress, boolean witness, boolean reserve) {

        /** One that is not in reserve. */
        public PeerSettings(RegionId id, String address, String adminAddress, String xdsAddress, boolean witness) {
            this(id, address, adminAddress, xdsAddress, witness, false);
        }
    }

    /** Whether {@code region} is a peer that keeps no events. */
    public boolean isWitness(String region) {
        return peer(region).filter(PeerSettings::witness).isPresent();
    }

    public Optional<PeerSettings> peer(String region) {
        return peers.stream().filter(peer -> peer.id().name().equals(region)).findFirst();
    }

    /**
     * @param tick how often silence and due attempts are looked for; what happens is passed on at once, not with the tick (200 ms)
     * @param headsHeartbeat the longest silence of an own WatchHeads stream (1 s; the contract allows 2 s)
     * @param peerSilence after so long without a word a peer counts as unreachable and its stream is opened anew (5 s)
     * @param followSilence after so long without verified progress a mesh's stream is opened anew (5 s)
     * @param progressEvery the longest silence of a sender (1 s)
     * @param aheadGrace how long a region that just started may be behind its replica before it ends the stream (2 s)
     * @param ackTimeout a replica that owes an acknowledgement for longer loses its stream (60 s)
     * @param firstRetry the wait after a first failure, doubled with each (100 ms)
     * @param longestRetry the longest such wait (3 s)
     * @param soonestRetry a peer that opens a stream to us cuts such a wait short, but not sooner than this after the attempt before (100 ms)
     * @param logTimeout of a read of the own log (10 s)
     * @param appendTimeout of an append to the own log (10 s)
     * @param inventoryHeartbeat the longest silence of an own WatchInventory stream (5 s)
     * @param inventorySilence after so long without a word an inventory stream is opened anew (20 s)
     * @param mergeTimeout of a merge of inventory (10 s)
     * @param keepAlive between pings on a quiet connection, which ends if no answer comes for half of it (10 s)
     * @param topicPatience so long a topic may owe an event that its region is known to have; then it is asked for over the stream (2 s)
     */
    public record Timings(
            Duration tick,
            Duration headsHeartbeat,
            Duration peerSilence,
            Duration followSilence,
            Duration progressEvery,
            Duration aheadGrace,
            Duration ackTimeout,
            Duration firstRetry,
            Duration longestRetry,
            Duration soonestRetry,
            Duration logTimeout,
            Duration appendTimeout,
            Duration inventoryHeartbeat,
            Duration inventorySilence,
            Duration mergeTimeout,
            Duration keepAlive,
            Duration topicPatience) {
        public static final Timings DEFAULTS = new Timings(
                Duration.ofMillis(200),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(60),
                Duration.ofMillis(100),
                Duration.ofSeconds(3),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2));
    }

    /**
     * What bounds memory, per mesh and stream.
     *
     * @param windowEvents a sender may be ahead of the last acknowledgement by so many events (2048)
     * @param batchBytes events are sent and appended together up to so many bytes; a larger one goes alone (256 KiB)
     * @param readEvents of one read of the log (512)
     * @param messagesInFlight received and not yet appended, per mesh; the transport holds back the rest (4)
     * @param maxMessageBytes a larger message is refused by the transport (16 MiB)
     */
    public record Limits(int windowEvents, int batchBytes, int readEvents, int messagesInFlight, int maxMessageBytes) {
        public static final Limits DEFAULTS = new Limits(2048, 256 * 1024, 512, 4, 16 * 1024 * 1024);

        public Limits {
            if (windowEvents < 1 || batchBytes < 1 || readEvents < 1 || messagesInFlight < 1 || maxMessageBytes < 1) {
                throw new IllegalArgumentException("limits must be positive");
            }
        }
    }
}
