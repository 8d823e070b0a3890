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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
        List<ServiceKey> services = view.get(new VisibleServices(namespace));
        Map<Age, VirtualServiceRef> virtualServices = view.get(new VisibleVirtualServices(namespace));
        return egress(view).stream()
                .map(egress -> cut(view, egress, services, virtualServices))
                .toList();
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

    private EgressListener cut(
            Tracked view,
            Sidecar.Egress egress,
            List<ServiceKey> services,
            Map<Age, VirtualServiceRef> virtualServices) {
        List<EgressHost> hosts = egress.hosts().stream()
                .map(host -> EgressHost.parse(host, namespace))
                .toList();
        TreeMap<String, ServiceKey> chosen = new TreeMap<>();
        for (ServiceKey service : services) {
            boolean named = hosts.stream().anyMatch(host -> host.covers(service.namespace(), service.host()));
            if (named && hasPort(view, service, egress)) {
                // Several services of a host: the namespace's own, else the first.
                chosen.merge(
                        service.host(),
                        service,
                        (first, other) -> other.namespace().equals(namespace) ? other : first);
            }
        }
        TreeMap<Age, VirtualServiceRef> routing = new TreeMap<>();
        virtualServices.forEach((age, ref) -> {
            boolean named = ref.hosts().stream()
                    .anyMatch(host -> hosts.stream()
                            .anyMatch(candidate -> candidate.touches(age.key().namespace(), host)));
            if (named) {
                routing.put(age, ref);
            }
        });
        return new EgressListener(
                egress.port(), egress.bind(), egress.captureMode(), TreePMap.from(chosen), TreePMap.from(routing));
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

        boolean covers(String owner, String name) {
            return isNamespace(owner) && HostNames.covers(host, name);
        }

        /** Whether there may be a host that both name. */
        boolean touches(String owner, String name) {
            return isNamespace(owner) && (HostNames.covers(host, name) || HostNames.covers(name, host));
        }

        private boolean isNamespace(String owner) {
            return namespace.equals("*") || namespace.equals(owner);
        }
    }

    /** Those of the mesh that are exported to the namespace. */
    private record VisibleVirtualServices(String namespace) implements Query<Map<Age, VirtualServiceRef>> {
        @Override
        public boolean isSurvey() {
            return true;
        }

        @Override
        public Map<Age, VirtualServiceRef> compute(Tracked view) {
            TreeMap<Age, VirtualServiceRef> visible = new TreeMap<>();
            view.bucket(Inputs.MESH_VIRTUAL_SERVICES, Inputs.ALL).forEach((age, ref) -> {
                if (Visibility.isVisible(ref.exportTo(), age.key().namespace(), namespace)) {
                    visible.put(age, ref);
                }
            });
            return view.sorted(visible);
        }
    }
}
