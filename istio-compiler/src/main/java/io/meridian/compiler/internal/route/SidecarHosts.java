package io.meridian.compiler.internal.route;

import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListener;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.internal.service.ServicePorts;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.Protocol;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which virtual hosts an outbound port has, with the domains that they keep; apart from what is in them. The components are those of {@link SidecarRoutes}. */
record SidecarHosts(Client client, String dnsDomain, int port, Optional<String> onlyHost)
        implements Query<SidecarHosts.Plan> {
    /** Where hosts without service are routed: the port that HTTP clients mean when they name none (as Istio). */
    private static final int HTTP_PORT = 80;

    private static final String ANY = "*";

    /** {@code leavesRest}: whether none of them takes what no other does. */
    record Plan(List<Chunk<SidecarVirtualHost>> hosts, boolean leavesRest) {}

    private record Candidate(String name, String host, Optional<ResourceKey> virtualService, List<String> domains) {}

    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public Plan compute(Tracked view) {
        List<Candidate> candidates =
                candidates(view, view.get(new EgressListeners(client.namespace(), client.sidecar())));
        candidates.sort(Comparator.comparing(Candidate::name));
        Set<String> mains = HashSet.newHashSet(candidates.size());
        mains.add(ANY);
        candidates.forEach(candidate -> mains.add(candidate.domains().getFirst()));
        Set<String> taken = HashSet.newHashSet(6 * candidates.size());
        List<SidecarVirtualHost> hosts = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            List<String> kept = kept(candidate.domains(), mains, taken);
            if (!kept.isEmpty()) {
                hosts.add(new SidecarVirtualHost(client, candidate.host(), port, candidate.virtualService(), kept));
            }
        }
        return new Plan(Chunk.split(hosts, SidecarVirtualHost::name), !taken.contains(ANY));
    }

    /** A domain may stand in one virtual host only: in that whose main one it is, else in the first. */
    private static List<String> kept(List<String> domains, Set<String> mains, Set<String> taken) {
        List<String> kept = new ArrayList<>(domains.size());
        for (int i = 0; i < domains.size(); i++) {
            String domain = domains.get(i);
            if ((i == 0 || domain.equals(domains.getFirst()) || !mains.contains(domain)) && taken.add(domain)) {
                kept.add(domain);
            }
        }
        return kept.size() == domains.size() ? domains : List.copyOf(kept);
    }

    private List<Candidate> candidates(Tracked view, List<EgressListener> listeners) {
        List<Candidate> candidates = new ArrayList<>();
        Optional<EgressListener> listener = listener(listeners);
        if (listener.isEmpty()) {
            return candidates;
        }
        var services = listener.get().services();
        VirtualServiceChoice choice = new VirtualServiceChoice(listener.get().virtualServices());
        if (onlyHost.isPresent()) {
            ServiceKey service = services.get(onlyHost.get());
            if (service != null) {
                addIfHttp(view, candidates, service, choice);
            }
            return candidates;
        }
        services.values().forEach(service -> addIfHttp(view, candidates, service, choice));
        if (port == HTTP_PORT) {
            for (String host : choice.hosts()) {
                boolean hasService = host.startsWith(ANY)
                        ? services.keySet().stream().anyMatch(service -> HostNames.covers(host, service))
                        : services.containsKey(host);
                if (!hasService) {
                    add(view, candidates, host, Optional.empty(), choice);
                }
            }
        }
        return candidates;
    }

    /** The first of that port, else the first of any port. */
    private Optional<EgressListener> listener(List<EgressListener> listeners) {
        return listeners.stream()
                .filter(listener ->
                        listener.port().map(own -> own.number() == port).orElse(false))
                .findFirst()
                .or(() -> listeners.stream()
                        .filter(listener -> listener.port().isEmpty())
                        .findFirst());
    }

    private void addIfHttp(Tracked view, List<Candidate> candidates, ServiceKey service, VirtualServiceChoice choice) {
        for (ServicePort own : view.get(new ServicePorts(service))) {
            if (own.number() == port && (own.protocol().isHttp() || own.protocol() == Protocol.AUTO)) {
                add(view, candidates, service.host(), Optional.of(service), choice);
                return;
            }
        }
    }

    private void add(
            Tracked view,
            List<Candidate> candidates,
            String host,
            Optional<ServiceKey> service,
            VirtualServiceChoice choice) {
        List<String> domains = view.get(new Domains(host, service, dnsDomain));
        candidates.add(new Candidate(host + ":" + port, host, choice.of(host), domains));
    }
}
