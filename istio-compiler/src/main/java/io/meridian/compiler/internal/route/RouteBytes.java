package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.cluster.RepeatedField;
import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.translate.RouteConfigurations;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts virtual hosts together, such that an edit of one copies and hashes its neighbours only. */
final class RouteBytes {
    private static final Fragment OPTIONS = Fragment.of(XdsResource.deterministic(
            RouteConfigurations.outbound("").clearName().build()));

    private RouteBytes() {}

    /** Hosts in the order of their names, which are unique. */
    static <Q extends VirtualHostQuery> List<Chunk<Q>> chunks(List<Q> hosts) {
        List<Q> ordered = new ArrayList<>(hosts);
        ordered.sort(Comparator.comparing(VirtualHostQuery::name));
        return Chunk.split(ordered, VirtualHostQuery::name);
    }

    static Fragment element(VirtualHost host) {
        return RepeatedField.element(RouteConfiguration.VIRTUAL_HOSTS_FIELD_NUMBER, host);
    }

    /** The route configuration of these hosts, and behind them {@code last}. */
    static Fragment of(
            Tracked view,
            String name,
            List<? extends Chunk<? extends VirtualHostQuery>> hosts,
            List<VirtualHost> last) {
        List<Fragment> parts = new ArrayList<>();
        parts.add(Fragment.of(
                RouteConfiguration.newBuilder().setName(name).build().toByteString()));
        hosts.forEach(chunk -> parts.add(view.get(new Part(chunk))));
        last.forEach(host -> parts.add(element(host)));
        parts.add(OPTIONS);
        return Fragment.joined(parts);
    }

    private record Part(Chunk<? extends VirtualHostQuery> hosts) implements Query<Fragment> {
        @Override
        public Fragment compute(Tracked view) {
            List<Fragment> elements = new ArrayList<>();
            for (VirtualHostQuery host : hosts) {
                elements.add(view.get(host));
            }
            return Fragment.copied(elements);
        }
    }
}
