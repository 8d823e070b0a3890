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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Other regions whose words a test chooses. */
public final class FakePeers implements PeerRegions {
    private final List<FakePeer> peers = new CopyOnWriteArrayList<>();

    public FakePeer add(RegionId id) {
        FakePeer peer = new FakePeer(id);
        peers.add(peer);
        return peer;
    }

    @Override
    public List<Peer> peers() {
        return List.copyOf(peers);
    }

    @Override
    public Optional<Peer> byIndex(int regionIndex) {
        return peers().stream().filter(peer -> peer.id().index() == regionIndex).findFirst();
    }

    @Override
    public Optional<Peer> byName(String name) {
        return peers().stream().filter(peer -> peer.id().name().equals(name)).findFirst();
    }

    /** What a region does with a forwarded command. */
    @FunctionalInterface
    public interface Execution {
        CompletionStage<CommandOutcome> execute(CommandRequest request, Epoch expectedEpoch, Duration timeout);
    }

    public static final class FakePeer implements Peer {
        private final RegionId id;
        public final Map<MeshId, Head> heads = new ConcurrentHashMap<>();
        public final Map<MeshId, Epoch> promises = new ConcurrentHashMap<>();
        public volatile boolean reachable = true;
        public volatile boolean heard = true;
        public volatile PeerCalls calls = new NoCalls();
        public volatile Execution execution = (request, epoch, timeout) ->
                CompletableFuture.failedStage(new IllegalStateException("no command was expected here"));

        private FakePeer(RegionId id) {
            this.id = id;
        }

        @Override
        public RegionId id() {
            return id;
        }

        @Override
        public boolean reachable() {
            return reachable;
        }

        @Override
        public Duration silentFor() {
            return reachable ? Duration.ZERO : Duration.ofSeconds(42);
        }

        @Override
        public Optional<Head> lastKnownHead(MeshId mesh) {
            return Optional.ofNullable(heads.get(mesh));
        }

        @Override
        public boolean heard() {
            return heard;
        }

        @Override
        public Epoch promised(MeshId mesh) {
            return promises.getOrDefault(mesh, Epoch.NONE);
        }

        @Override
        public boolean witness() {
            return false;
        }

        @Override
        public PeerCalls calls() {
            return calls;
        }

        @Override
        public CompletionStage<CommandOutcome> execute(CommandRequest request, Epoch expectedEpoch, Duration timeout) {
            return execution.execute(request, expectedEpoch, timeout);
        }

        @Override
        public CompletionStage<List<ProxyStatus>> proxies(Optional<MeshId> mesh, Duration timeout) {
            return CompletableFuture.completedStage(List.of());
        }

        @Override
        public CompletionStage<List<ServedResource>> served(ProxyDirectory.ConfigQuery query, Duration timeout) {
            return CompletableFuture.failedStage(new IllegalStateException("serves no proxies"));
        }

        @Override
        public String adminAddress() {
            return "";
        }

        @Override
        public String xdsAddress() {
            return "";
        }
    }
}
