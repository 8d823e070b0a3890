package io.meridian.compiler.internal.route;

import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.VirtualServiceRef;
import io.meridian.model.istio.HostNames;
import io.meridian.model.resource.ResourceKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which VirtualService routes a host: the most specific of their hosts, then the oldest. In sidecars they don't merge. */
public final class VirtualServiceChoice {
    private final Map<String, ResourceKey> exact = new HashMap<>();
    /** Longest first. */
    private final TreeMap<String, ResourceKey> wildcards = new TreeMap<>(
            Comparator.comparingInt((String pattern) -> -pattern.length()).thenComparing(pattern -> pattern));

    /** In the order of {@code candidates}, the oldest first. */
    public VirtualServiceChoice(Map<Age, VirtualServiceRef> candidates) {
        candidates.forEach((age, ref) -> ref.hosts().forEach(host -> {
            Map<String, ResourceKey> kind = host.startsWith("*") ? wildcards : exact;
            kind.putIfAbsent(host, age.key());
        }));
    }

    public Optional<ResourceKey> of(String host) {
        ResourceKey own = exact.get(host);
        if (own != null) {
            return Optional.of(own);
        }
        return wildcards.entrySet().stream()
                .filter(wildcard -> HostNames.covers(wildcard.getKey(), host))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** All hosts, in order. */
    Set<String> hosts() {
        TreeSet<String> hosts = new TreeSet<>(exact.keySet());
        hosts.addAll(wildcards.keySet());
        return hosts;
    }
}
