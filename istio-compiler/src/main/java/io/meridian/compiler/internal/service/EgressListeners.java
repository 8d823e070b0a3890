package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.VirtualServiceRef;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.Sidecar;
import io.meridian.model.istio.Sidecar.CaptureMode;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What a namespace's sidecars reach, cut by a Sidecar resource if there is one.
 *
 * @param sidecar of the {@link Client}
 */
public record EgressListeners(String namespace, Optional<ResourceKey> sidecar) implements Query<List<EgressListener>> {
    private static final List<Sidecar.Egress> EVERYTHING =
            List.of(new Sidecar.Egress(Optional.empty(), Optional.empty(), CaptureMode.DEFAULT, List.of("*/*")));

    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public List<EgressListener> compute(Tracked view) {
        return egress(view).stream().map(egress -> cut(view, egress)).toList();
    }

    private List<Sidecar.Egress> egress(Tracked view) {
        Optional<List<Sidecar.Egress>> own = sidecar.flatMap(key -> view.row(Inputs.SIDECARS, key))
                .map(Sidecar::egress)
                .filter(egress -> !egress.isEmpty());
        if (own.isPresent()) {
            return own.get();
        }
        // A Sidecar that only says how it is entered leaves the rest to the root namespace's.
        return sidecar.flatMap(key -> view.get(new SidecarFor(MeshValues.rootNamespace(view), Map.of())))
                .flatMap(key -> view.row(Inputs.SIDECARS, key))
                .map(Sidecar::egress)
                .filter(egress -> !egress.isEmpty())
                .orElse(EVERYTHING);
    }

    /** Looks only at the namespaces that the entry names. */
    private EgressListener cut(Tracked view, Sidecar.Egress egress) {
        Map<String, List<EgressHost>> byOwner = new LinkedHashMap<>();
        for (String text : egress.hosts()) {
            EgressHost host = EgressHost.parse(text, namespace);
            byOwner.computeIfAbsent(host.namespace(), owner -> new ArrayList<>())
                    .add(host);
        }
        Map<String, ServiceKey> services = new HashMap<>();
        PSortedMap<Age, VirtualServiceRef> virtualServices = TreePMap.empty();
        for (Map.Entry<String, List<EgressHost>> entry : byOwner.entrySet()) {
            String owner = entry.getKey();
            List<EgressHost> hosts = entry.getValue();
            view.get(Exports.of(owner)).forEach(namespace, service -> {
                boolean named = hosts.stream().anyMatch(host -> HostNames.covers(host.host(), service.host()));
                if (named && hasPort(view, service, egress)) {
                    services.merge(service.host(), service, this::preferred);
                }
            });
            var named = named(view.bucket(Inputs.MESH_VIRTUAL_SERVICES, owner.equals("*") ? Inputs.ALL : owner), hosts);
            virtualServices = virtualServices.isEmpty() ? named : virtualServices.plusAll(named);
        }
        return new EgressListener(
                egress.port(), egress.bind(), egress.captureMode(), view.sorted(services), virtualServices);
    }

    /** Of several services of a host: the namespace's own, else that of the first namespace. */
    private ServiceKey preferred(ServiceKey one, ServiceKey other) {
        if (one.namespace().equals(namespace)) {
            return one;
        }
        boolean isOther = other.namespace().equals(namespace) || other.compareTo(one) < 0;
        return isOther ? other : one;
    }

    /** Those that the namespace sees and an egress host touches: mostly all. */
    private PSortedMap<Age, VirtualServiceRef> named(
            PSortedMap<Age, VirtualServiceRef> candidates, List<EgressHost> hosts) {
        List<Age> others = new ArrayList<>();
        candidates.forEach((age, ref) -> {
            boolean visible = Visibility.isVisible(ref.exportTo(), age.key().namespace(), namespace);
            boolean named = ref.hosts().stream()
                    .anyMatch(host -> hosts.stream().anyMatch(candidate -> candidate.touches(host)));
            if (!visible || !named) {
                others.add(age);
            }
        });
        return candidates.minusAll(others);
    }

    private static boolean hasPort(Tracked view, ServiceKey service, Sidecar.Egress egress) {
        return egress.port().isEmpty()
                || view.get(new ServicePorts(service)).stream()
                        .anyMatch(port -> port.number() == egress.port().get().number());
    }

    /** An element of an egress entry's list; {@code namespace} is "*" for any and "~" for none. */
    private record EgressHost(String namespace, String host) {
        static EgressHost parse(String text, String own) {
            int slash = text.indexOf('/');
            String namespace = slash < 0 ? "*" : text.substring(0, slash);
            return new EgressHost(namespace.equals(".") ? own : namespace, text.substring(slash + 1));
        }

        /** Whether there may be a host that both name. */
        boolean touches(String name) {
            return HostNames.covers(host, name) || HostNames.covers(name, host);
        }
    }
}
