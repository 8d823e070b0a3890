package io.meridian.gateway.internal.registry;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be reported, as names only: whatever the core's pace, nothing piles up. {@link #changed} and {@link #advanced} may be
 * called by any thread; the rest belongs to the reporter.
 *
 * <p>Reports are made in rounds. A round first reads where the meshes were advanced to and what was delivered, then takes the proxies that
 * changed; their statuses go out in as many reports as it needs, what was delivered with the first of them, and the positions with the last.
 * So no position overtakes the status of a proxy that changed before that position was reached, and no delivery a later status.
 */
final class ReportQueue implements ProxyRegistry.Listener {
    private final String gateway;
    private final ProxyRegistry registry;
    private final int statusesPerReport;
    private final Set<ProxyRegistry.Key> changed = ConcurrentHashMap.newKeySet();
    private final Set<String> advanced = ConcurrentHashMap.newKeySet();

    // The round that is being told.
    private final List<ProxyReport.Delivery> deliveries = new ArrayList<>();
    private final Deque<ProxyRegistry.Key> round = new ArrayDeque<>();
    private final Set<Position> positions = new HashSet<>();
    private boolean fullDue = true;

    ReportQueue(String gateway, ProxyRegistry registry, int statusesPerReport) {
        this.gateway = gateway;
        this.registry = registry;
        this.statusesPerReport = statusesPerReport;
    }

    @Override
    public void changed(ProxyRegistry.Key proxy) {
        changed.add(proxy);
    }

    @Override
    public void delivered() {
        // They are asked for in the next round.
    }

    @Override
    public void advanced(String mesh) {
        advanced.add(mesh);
    }

    /** Whoever hears the reports knows nothing. */
    void startOver() {
        fullDue = true;
    }

    /** The next report; null if there is nothing to tell. */
    @Nullable
    ProxyReport next() {
        boolean full = fullDue;
        if (full) {
            fullDue = false;
            round.clear();
            positions.clear();
            deliveries.clear();
            registry.takeDelivered();
            changed.clear();
            round.addAll(registry.keys());
        } else if (round.isEmpty() && positions.isEmpty() && !startRound()) {
            return null;
        }
        ProxyReport.Builder report =
                ProxyReport.newBuilder().setGateway(gateway).setFull(full).addAllDelivered(deliveries);
        deliveries.clear();
        for (int told = 0; told < statusesPerReport && !round.isEmpty(); told++) {
            ProxyRegistry.Key key = round.remove();
            Optional<ProxyStatus> status = registry.find(key);
            status.ifPresentOrElse(report::addUpdated, () -> report.addDisconnected(registry.takeDeparted(key)));
        }
        if (round.isEmpty()) {
            positions.forEach(position -> report.addAdvanced(position.toProto()));
            positions.clear();
        }
        return report.build();
    }

    private boolean startRound() {
        // Before the proxies are taken; see above.
        for (String mesh : List.copyOf(advanced)) {
            advanced.remove(mesh);
            registry.advancedTo(mesh).ifPresent(positions::add);
        }
        takeDelivered();
        // Before their statuses are read: who changes from now on is told again.
        List<ProxyRegistry.Key> taken = List.copyOf(changed);
        changed.removeAll(taken);
        round.addAll(taken);
        return !round.isEmpty() || !positions.isEmpty() || !deliveries.isEmpty();
    }

    /** What many streams got is told once, with their numbers. */
    private void takeDelivered() {
        // By identity: streams of one loop note one object for one response.
        IdentityHashMap<SentResponses.Sent, ProxyReport.Delivery.Builder> grouped = new IdentityHashMap<>();
        for (ProxyConnection connection : registry.takeDelivered()) {
            SentResponses responses = connection.sent();
            for (int types = responses.takeUnreported(); types != 0; types &= types - 1) {
                XdsType type = SentResponses.lowest(types);
                SentResponses.Sent sent = responses.of(type);
                if (sent != null) {
                    ProxyReport.Delivery.Builder delivery = grouped.get(sent);
                    if (delivery == null) {
                        delivery = ProxyReport.Delivery.newBuilder()
                                .setType(type.shortName())
                                .setSent(StatusProto.sent(sent));
                        grouped.put(sent, delivery);
                    }
                    delivery.addStreams(connection.number());
                }
            }
        }
        grouped.values().forEach(delivery -> deliveries.add(delivery.build()));
    }
}
