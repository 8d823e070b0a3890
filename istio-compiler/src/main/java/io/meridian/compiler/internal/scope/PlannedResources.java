package io.meridian.compiler.internal.scope;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.listener.OutboundPlan;
import io.meridian.compiler.internal.listener.Planned;
import io.meridian.compiler.internal.listener.SidecarOutbound;
import io.meridian.compiler.internal.service.Client;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pcollections.PSortedMap;

/** Outbound resources of sidecars, apart from all inbound, so that sidecars share them whatever they serve. */
final class PlannedResources {
    private PlannedResources() {}

    record Listeners(Client client, String dnsDomain, InterceptionMode mode)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            OutboundPlan plan = view.get(new SidecarOutbound(client, dnsDomain, mode));
            return all(view, plan.listeners());
        }
    }

    record Routes(Client client, String dnsDomain, InterceptionMode mode)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            OutboundPlan plan = view.get(new SidecarOutbound(client, dnsDomain, mode));
            return all(view, plan.routes());
        }
    }

    private static PSortedMap<String, XdsResource> all(Tracked view, List<Chunk<Planned>> planned) {
        List<PSortedMap<String, XdsResource>> parts = new ArrayList<>();
        planned.forEach(chunk -> parts.add(view.get(new Part(chunk))));
        return view.union(parts);
    }

    private record Part(Chunk<Planned> planned) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> resources = new HashMap<>();
            planned.forEach(one -> resources.put(one.name(), view.get(one.resource())));
            return view.sorted(resources);
        }
    }
}
