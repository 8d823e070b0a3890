package io.meridian.core;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The other regions, as this one sees them. Implemented by the replicator, used by the core. Thread-safe; never blocks. */
public interface PeerRegions {
    List<Peer> peers();

    Optional<Peer> byIndex(int regionIndex);

    Optional<Peer> byName(String name);

    /** How what this region writes goes to the others: "grpc", "kafka", or "grpc: REASON" where Kafka cannot be relied on. For people. */
    default String transport() {
        return "grpc";
    }

    /** One other region. */
    interface Peer {
        RegionId id();

        /** Whether it has said something within the last few seconds. */
        boolean reachable();

        /** Time since its last verified word; since start if there was none. */
        Duration silentFor();

        /** The head that it last told for this mesh; empty if it never told one. */
        Optional<Head> lastKnownHead(MeshId mesh);

        /** Whether it has told all its heads since this process started: only then one that it did not tell is one that it does not have. */
        boolean heard();

        /** The highest epoch that it told to have promised to for this mesh; {@link Epoch#NONE} if none. */
        Epoch promised(MeshId mesh);

        /** Whether it keeps promises and heads and no events. */
        boolean witness();

        /** Whether it is no member of a mesh whose log names no members. */
        default boolean reserve() {
            return false;
        }

        PeerCalls calls();

        /** Sends a command to be executed there and nowhere else. {@link CommandOutcome.Unavailable} if it certainly did not arrive. */
        CompletionStage<CommandOutcome> execute(CommandRequest request, Epoch expectedEpoch, Duration timeout);

        /** Connected ones, and those that left within the last minutes, which say when. */
        CompletionStage<List<ProxyStatus>> proxies(Optional<MeshId> mesh, Duration timeout);

        /** As {@link ProxyDirectory#served} there. */
        CompletionStage<List<ServedResource>> served(ProxyDirectory.ConfigQuery query, Duration timeout);

        /** How its events come here, in the same words. */
        default String transport() {
            return "grpc";
        }

        String adminAddress();

        String xdsAddress();
    }
}
