package io.meridian.core.internal;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import io.meridian.model.proxy.ReportedGateway;
import io.meridian.model.proxy.ReportedGateway.ProxyKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The proxies by gateway, as last reported, and the last ones that left. Its monitor guards the maps; nothing waits in it. */
final class ReportedProxies implements ProxyDirectory {
    /** Proxies that left: of so many it is still known who they were. */
    private static final int MOST_DEPARTED = 1000;

    private static final Comparator<ProxyStatus> ORDER = Comparator.comparing(ProxyStatus::getMesh)
            .thenComparing(ProxyStatus::getCluster)
            .thenComparing(ProxyStatus::getNode)
            .thenComparing(ProxyStatus::getGateway);

    private final InstantSource clock;
    private final Map<String, ReportedGateway> byGateway = new HashMap<>();
    private final Map<String, GatewayLine> lines = new HashMap<>();
    private final LinkedHashMap<ProxyKey, ProxyStatus> departed = new LinkedHashMap<>();

    ReportedProxies(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void report(ProxyReport report) {
        ReportedGateway proxies = byGateway.computeIfAbsent(report.getGateway(), name -> new ReportedGateway());
        proxies.take(report).forEach(this::left);
    }

    private void left(ProxyStatus last) {
        ProxyKey key = new ProxyKey(last.getMesh(), last.getNode());
        departed.remove(key);
        departed.put(
                key,
                last.getDisconnectedAtMs() != 0
                        ? last
                        : last.toBuilder().setDisconnectedAtMs(clock.millis()).build());
        if (departed.size() > MOST_DEPARTED) {
            departed.remove(departed.keySet().iterator().next());
        }
    }

    @Override
    public synchronized void gatewayAnswers(String gateway, GatewayLine line) {
        lines.put(gateway, line);
    }

    @Override
    public synchronized void gatewayGone(String gateway) {
        lines.remove(gateway);
        ReportedGateway proxies = byGateway.remove(gateway);
        if (proxies != null) {
            long now = clock.millis();
            proxies.list()
                    .forEach(status -> left(status.toBuilder()
                            .setDisconnectedAtMs(now)
                            .setConduct(status.getConduct().toBuilder()
                                    .setLastEnd("gateway " + gateway + " went away")
                                    .setLastEndAtMs(now))
                            .build()));
        }
    }

    /** Sorted by mesh, cluster and node. */
    @Override
    public synchronized List<ProxyStatus> list(Optional<MeshId> mesh) {
        return byGateway.values().stream()
                .flatMap(proxies -> proxies.list().stream())
                .filter(proxy -> isOf(mesh, proxy))
                .sorted(ORDER)
                .toList();
    }

    @Override
    public synchronized List<ProxyStatus> departed(Optional<MeshId> mesh) {
        Set<ProxyKey> connected = new HashSet<>();
        list(mesh).forEach(proxy -> connected.add(new ProxyKey(proxy.getMesh(), proxy.getNode())));
        return departed.sequencedValues().reversed().stream()
                .filter(proxy -> isOf(mesh, proxy))
                .filter(proxy -> !connected.contains(new ProxyKey(proxy.getMesh(), proxy.getNode())))
                .toList();
    }

    private static boolean isOf(Optional<MeshId> mesh, ProxyStatus proxy) {
        return mesh.isEmpty() || mesh.get().value().equals(proxy.getMesh());
    }

    @Override
    public CompletionStage<List<ServedResource>> served(ConfigQuery query, Duration timeout) {
        GatewayLine line = line(query);
        return line == null
                ? CompletableFuture.failedStage(Errors.notFound(
                        RejectionCode.PROXY_NOT_FOUND,
                        "Proxy",
                        query.node(),
                        "no gateway of this region serves proxy \"" + query.node() + "\" of mesh " + query.mesh()
                                + " now"))
                : line.ask(query, timeout);
    }

    /** To the gateway where the proxy connected last. */
    private synchronized @Nullable GatewayLine line(ConfigQuery query) {
        ProxyKey key = new ProxyKey(query.mesh().value(), query.node());
        GatewayLine found = null;
        long newest = -1;
        for (Map.Entry<String, ReportedGateway> gateway : byGateway.entrySet()) {
            ProxyStatus status = gateway.getValue().find(key);
            GatewayLine line = lines.get(gateway.getKey());
            if (status != null && line != null && status.getConnectedAtMs() > newest) {
                newest = status.getConnectedAtMs();
                found = line;
            }
        }
        return found;
    }
}
