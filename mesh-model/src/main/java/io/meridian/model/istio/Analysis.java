package io.meridian.model.istio;

import io.meridian.api.type.v1.Finding;
import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is likely not meant, over the whole mesh, with Istio's codes (istio.io/latest/docs/reference/config/analysis). Findings never refuse. Pure
 * and thread-safe.
 *
 * <p>There are two occasions. The home's decider sees the log only: its findings (references between resources, conflicts, unreachable
 * routes) come from {@link IstioRules#findings}. Whether a service exists is known by the clusters' inventory, which is not part of the log:
 * the region that took the command adds {@link #findings}, so that a home without that inventory decides the same.
 */
public final class Analysis {
    static final String NOT_FOUND = "IST0101";
    static final String CONFLICTING_MESH_HOSTS = "IST0109";
    static final String SIDECARS_WITHOUT_SELECTOR = "IST0111";
    static final String HOST_NOT_IN_GATEWAY = "IST0132";
    static final String SCHEMA_WARNING = "IST0133";

    private final MeshIndex index;
    private final List<Finding> found = new ArrayList<>();

    private Analysis(MeshIndex index) {
        this.index = index;
    }

    /**
     * The hosts that the resources send traffic to, or have policies for, and that nothing provides.
     *
     * @param serviceHosts full names of the services of all clusters: "reviews.default.svc.cluster.local"
     * @param keys of the resources to look at; those that are not in the state are passed over
     */
    public static List<Finding> findings(MeshState after, Set<String> serviceHosts, Collection<ResourceKey> keys) {
        ParsedSpecs specs = new ParsedSpecs();
        Analysis analysis = new Analysis(new MeshIndex(after, specs));
        for (ResourceKey key : new TreeSet<>(keys)) {
            var resource = after.resources().get(key);
            if (resource != null && IstioKinds.find(key.group(), key.kind()).isPresent()) {
                analysis.missingHosts(key, specs.get(resource).spec(), serviceHosts);
            }
        }
        return List.copyOf(analysis.found);
    }

    /** Of an object that is there now, without regard to services. */
    static List<Finding> ofPut(MeshIndex index, ResourceKey key, IstioSpecs.Parsed parsed) {
        Analysis analysis = new Analysis(index);
        parsed.problems().stream()
                .filter(problem -> !problem.isError())
                .forEach(problem -> analysis.warn(SCHEMA_WARNING, key, problem.field(), problem.message()));
        switch (parsed.spec()) {
            case VirtualService service -> analysis.virtualService(key, service);
            case Gateway gateway -> analysis.gateway(key, gateway);
            case Sidecar sidecar -> analysis.sidecar(key, sidecar);
            case DestinationRule rule -> {}
            case ServiceEntry entry -> {}
            case WorkloadEntry entry -> {}
        }
        return analysis.found;
    }

    /** What refers to an object that is no longer there. */
    static List<Finding> ofDelete(MeshIndex index, ResourceKey key) {
        Analysis analysis = new Analysis(index);
        index.virtualServices().forEach((from, service) -> {
            switch (key.kind()) {
                case "Gateway" -> analysis.missingGateways(from, service, Set.of(key));
                case "DestinationRule" -> analysis.missingSubsets(from, service);
                case "VirtualService" -> analysis.missingDelegates(from, service);
                default -> {}
            }
        });
        return analysis.found;
    }

    static Finding at(Finding finding, Origin origin) {
        return finding.toBuilder()
                .setSource(origin.source())
                .setLine(origin.line())
                .build();
    }

    private void warn(String code, ResourceKey key, String field, String message) {
        found.add(Finding.newBuilder()
                .setLevel(Finding.Level.WARNING)
                .setCode(code)
                .setObject(key.toString())
                .setField(field)
                .setMessage(message)
                .build());
    }

    private void virtualService(ResourceKey key, VirtualService service) {
        missingGateways(key, service, Set.of());
        missingSubsets(key, service);
        missingDelegates(key, service);
        conflictingHosts(key, service);
        Unreachable.in(service.http())
                .forEach(unreachable -> warn(unreachable.code(), key, unreachable.field(), unreachable.message()));
    }

    /** {@code only}: those to speak of; empty: all. */
    private void missingGateways(ResourceKey key, VirtualService service, Set<ResourceKey> only) {
        for (int i = 0; i < service.gateways().size(); i++) {
            String name = service.gateways().get(i);
            String field = "spec.gateways[" + i + "]";
            MeshIndex.gatewayKey(name, key.namespace()).ifPresent(gatewayKey -> {
                if (!only.isEmpty() && !only.contains(gatewayKey)) {
                    return;
                }
                index.gateway(gatewayKey)
                        .ifPresentOrElse(
                                gateway -> hostsOutside(key, service, gatewayKey, gateway),
                                () -> warn(
                                        NOT_FOUND,
                                        key,
                                        field,
                                        "Referenced gateway not found: \"" + gatewayKey.namespace() + "/"
                                                + gatewayKey.name() + "\""));
            });
        }
    }

    private void hostsOutside(ResourceKey key, VirtualService service, ResourceKey gatewayKey, Gateway gateway) {
        List<String> offered = gateway.servers().stream()
                .flatMap(server -> server.hosts().stream())
                .map(host -> host.substring(host.indexOf('/') + 1))
                .toList();
        for (int i = 0; i < service.hosts().size(); i++) {
            String host = service.hosts().get(i);
            boolean within =
                    offered.stream().anyMatch(offer -> HostNames.covers(offer, host) || HostNames.covers(host, offer));
            if (!within && !MeshIndex.isForSidecars(service)) {
                warn(
                        HOST_NOT_IN_GATEWAY,
                        key,
                        "spec.hosts[" + i + "]",
                        "the host \"" + host + "\" is not among those of " + gatewayKey + ": "
                                + String.join(", ", offered));
            }
        }
    }

    private void missingSubsets(ResourceKey key, VirtualService service) {
        for (Destined destined : Destined.of(service)) {
            Destination destination = destined.destination();
            String host = HostNames.resolve(destination.host(), key.namespace());
            destination
                    .subset()
                    .filter(subset -> !index.hasSubset(host, subset))
                    .ifPresent(subset -> warn(
                            NOT_FOUND,
                            key,
                            destined.field() + ".subset",
                            "Referenced host+subset in destinationrule not found: \"" + destination.host() + "+"
                                    + subset + "\""));
        }
    }

    private void missingDelegates(ResourceKey key, VirtualService service) {
        for (int i = 0; i < service.http().size(); i++) {
            if (service.http().get(i).action() instanceof HttpAction.Delegate delegate) {
                ResourceKey target =
                        MeshIndex.key("VirtualService", delegate.namespace().orElse(key.namespace()), delegate.name());
                if (!index.virtualServices().containsKey(target)) {
                    warn(
                            NOT_FOUND,
                            key,
                            "spec.http[" + i + "].delegate",
                            "Referenced virtualservice not found: \"" + target.namespace() + "/" + target.name()
                                    + "\"");
                }
            }
        }
    }

    /** Sidecars do not merge VirtualServices: the oldest wins. At gateways they merge. */
    private void conflictingHosts(ResourceKey key, VirtualService service) {
        if (!MeshIndex.isForSidecars(service)) {
            return;
        }
        for (int i = 0; i < service.hosts().size(); i++) {
            String host = HostNames.resolve(service.hosts().get(i), key.namespace());
            Set<ResourceKey> all = index.virtualServicesForSidecars(host);
            if (all.size() > 1) {
                List<String> names = all.stream()
                        .map(other -> other.namespace() + "/" + other.name())
                        .toList();
                warn(
                        CONFLICTING_MESH_HOSTS,
                        key,
                        "spec.hosts[" + i + "]",
                        "The VirtualServices " + String.join(", ", names)
                                + " associated with mesh gateway define the same host " + host
                                + ", of which sidecars use the oldest only: merge them into one");
            }
        }
    }

    private void gateway(ResourceKey key, Gateway gateway) {
        Map<String, String> selector = gateway.selector();
        if (!selector.isEmpty() && !index.hasIngressGateway(selector)) {
            List<String> labels = selector.entrySet().stream()
                    .map(label -> label.getKey() + "=" + label.getValue())
                    .toList();
            warn(
                    NOT_FOUND,
                    key,
                    "spec.selector",
                    "Referenced selector not found: \"" + String.join(",", labels)
                            + "\": no ingress gateway of the mesh has these labels");
        }
    }

    private void sidecar(ResourceKey key, Sidecar sidecar) {
        if (hasSelector(sidecar)) {
            return;
        }
        List<String> others = index.sidecars().entrySet().stream()
                .filter(entry -> entry.getKey().namespace().equals(key.namespace()))
                .filter(entry -> !entry.getKey().equals(key) && !hasSelector(entry.getValue()))
                .map(entry -> entry.getKey().name())
                .toList();
        if (!others.isEmpty()) {
            warn(
                    SIDECARS_WITHOUT_SELECTOR,
                    key,
                    "spec.workloadSelector",
                    "The namespace " + key.namespace() + " has other Sidecars without workload selector: "
                            + String.join(", ", others) + "; only the oldest is used");
        }
    }

    private static boolean hasSelector(Sidecar sidecar) {
        return sidecar.workloadSelector().filter(labels -> !labels.isEmpty()).isPresent();
    }

    private void missingHosts(ResourceKey key, IstioSpec spec, Set<String> serviceHosts) {
        switch (spec) {
            case VirtualService service ->
                Destined.of(service)
                        .forEach(destined -> missingHost(
                                key,
                                destined.field() + ".host",
                                destined.destination().host(),
                                serviceHosts));
            case DestinationRule rule -> missingHost(key, "spec.host", rule.host(), serviceHosts);
            case Gateway gateway -> {}
            case ServiceEntry entry -> {}
            case Sidecar sidecar -> {}
            case WorkloadEntry entry -> {}
        }
    }

    private void missingHost(ResourceKey key, String field, String host, Set<String> serviceHosts) {
        String full = HostNames.resolve(host, key.namespace());
        boolean known = full.startsWith("*") || serviceHosts.contains(full) || index.hasServiceEntry(full);
        if (!known) {
            String meaning = full.equals(host) ? "" : " (" + full + ")";
            warn(NOT_FOUND, key, field, "Referenced host not found: \"" + host + "\"" + meaning);
        }
    }
}
