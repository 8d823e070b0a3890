package io.meridian.core.internal;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.ProxyDirectory;
import io.meridian.model.position.MeshId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The proxies by gateway, as last reported. Its monitor guards the maps; nothing waits in it. */
final class ReportedProxies implements ProxyDirectory {
    private record Key(String mesh, String node) {}

    private static final Comparator<ProxyStatus> ORDER = Comparator.comparing(ProxyStatus::getMesh)
            .thenComparing(ProxyStatus::getCluster)
            .thenComparing(ProxyStatus::getNode)
            .thenComparing(ProxyStatus::getGateway);

    private final Map<String, Map<Key, ProxyStatus>> byGateway = new HashMap<>();

    @Override
    public synchronized void report(ProxyReport report) {
        Map<Key, ProxyStatus> proxies = byGateway.computeIfAbsent(report.getGateway(), name -> new HashMap<>());
        if (report.getFull()) {
            proxies.clear();
        }
        report.getUpdatedList().forEach(proxy -> proxies.put(new Key(proxy.getMesh(), proxy.getNode()), proxy));
        report.getDisconnectedList().forEach(gone -> proxies.remove(new Key(gone.getMesh(), gone.getNode())));
    }

    @Override
    public synchronized void gatewayGone(String gateway) {
        byGateway.remove(gateway);
    }

    /** Sorted by mesh, cluster and node. */
    @Override
    public synchronized List<ProxyStatus> list(Optional<MeshId> mesh) {
        return byGateway.values().stream()
                .flatMap(proxies -> proxies.values().stream())
                .filter(proxy -> mesh.isEmpty() || mesh.get().value().equals(proxy.getMesh()))
                .sorted(ORDER)
                .toList();
    }
}
