package io.meridian.core.admin;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.rpc.Call;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The proxies of a mesh in all regions. */
final class Proxies {
    /** How long one other region is waited for. */
    private static final Duration PEER_TIMEOUT = Duration.ofSeconds(2);

    /** How long a proxy that left is listed, if its region remembers so many. */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private static final Comparator<ProxyStatus> ORDER = Comparator.comparing(ProxyStatus::getNode)
            .thenComparing(ProxyStatus::getRegion)
            .thenComparing(ProxyStatus::getGateway);

    private final ProxyDirectory local;
    private final PeerRegions peers;
    private final InstantSource clock;

    Proxies(ProxyDirectory local, PeerRegions peers, InstantSource clock) {
        this.local = local;
        this.peers = peers;
        this.clock = clock;
    }

    /**
     * What the regions that answered said.
     *
     * @param departed proxies that left within the last {@link #REMEMBERED} and are not connected anywhere, the last one first
     * @param unreachable those that did not, in order
     * @param silent of these, the ones that had not been heard of before either: there is nothing to wait for
     */
    record Everywhere(
            List<ProxyStatus> proxies, List<ProxyStatus> departed, List<String> unreachable, List<String> silent) {}

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
                    List<ProxyStatus> all = new ArrayList<>(local.list(Optional.of(mesh)));
                    all.addAll(local.departed(Optional.of(mesh)));
                    List<String> unreachable = new ArrayList<>();
                    asked.forEach(
                            (name, answer) -> answer.join().ifPresentOrElse(all::addAll, () -> unreachable.add(name)));
                    List<ProxyStatus> proxies = all.stream()
                            .filter(proxy -> proxy.getDisconnectedAtMs() == 0)
                            .sorted(ORDER)
                            .toList();
                    return new Everywhere(proxies, departed(all, proxies), unreachable, List.copyOf(silent));
                });
    }

    private List<ProxyStatus> departed(List<ProxyStatus> all, List<ProxyStatus> connected) {
        Set<String> nodes = new HashSet<>();
        connected.forEach(proxy -> nodes.add(proxy.getNode()));
        long since = clock.millis() - REMEMBERED.toMillis();
        return all.stream()
                .filter(proxy -> proxy.getDisconnectedAtMs() > since && !nodes.contains(proxy.getNode()))
                .sorted(Comparator.comparingLong(ProxyStatus::getDisconnectedAtMs)
                        .reversed()
                        .thenComparing(ORDER))
                .filter(proxy -> nodes.add(proxy.getNode()))
                .toList();
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
