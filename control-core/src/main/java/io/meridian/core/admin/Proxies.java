package io.meridian.core.admin;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.rpc.Call;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The proxies of a mesh in all regions. */
final class Proxies {
    /** How long one other region is waited for. */
    private static final Duration PEER_TIMEOUT = Duration.ofSeconds(2);

    private static final Comparator<ProxyStatus> ORDER = Comparator.comparing(ProxyStatus::getNode)
            .thenComparing(ProxyStatus::getRegion)
            .thenComparing(ProxyStatus::getGateway);

    private final ProxyDirectory local;
    private final PeerRegions peers;

    Proxies(ProxyDirectory local, PeerRegions peers) {
        this.local = local;
        this.peers = peers;
    }

    /**
     * What the regions that answered said.
     *
     * @param unreachable those that did not, in order
     * @param silent of these, the ones that had not been heard of before either: there is nothing to wait for
     */
    record Everywhere(List<ProxyStatus> proxies, List<String> unreachable, List<String> silent) {}

    CompletionStage<Everywhere> list(MeshId mesh, Call call) {
        TreeMap<String, CompletableFuture<Optional<List<ProxyStatus>>>> asked = new TreeMap<>();
        TreeSet<String> silent = new TreeSet<>();
        for (PeerRegions.Peer peer : peers.peers()) {
            String name = peer.id().name();
            if (!peer.reachable()) {
                silent.add(name);
                asked.put(name, CompletableFuture.completedFuture(Optional.empty()));
            } else {
                asked.put(name, ask(peer, mesh, call.remaining(PEER_TIMEOUT)));
            }
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    List<ProxyStatus> proxies = new ArrayList<>(local.list(Optional.of(mesh)));
                    List<String> unreachable = new ArrayList<>();
                    asked.forEach((name, answer) ->
                            answer.join().ifPresentOrElse(proxies::addAll, () -> unreachable.add(name)));
                    proxies.sort(ORDER);
                    return new Everywhere(proxies, unreachable, List.copyOf(silent));
                });
    }

    private static CompletableFuture<Optional<List<ProxyStatus>>> ask(
            PeerRegions.Peer peer, MeshId mesh, Duration timeout) {
        return peer.proxies(Optional.of(mesh), timeout)
                .toCompletableFuture()
                .copy()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(Optional::of)
                .exceptionally(failure -> Optional.empty());
    }
}
