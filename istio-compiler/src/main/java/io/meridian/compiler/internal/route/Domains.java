package io.meridian.compiler.internal.route;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServiceOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The names by which a client may call a host, the main one first.
 *
 * @param service none for a host that only a VirtualService knows
 * @param dnsDomain of the client
 */
record Domains(String host, Optional<ServiceKey> service, String dnsDomain) implements Query<List<String>> {
    @Override
    public List<String> compute(Tracked view) {
        List<String> addresses = service.flatMap(key -> view.get(new ServiceOf(key)))
                .map(Service::addresses)
                .orElse(List.of());
        return List.copyOf(of(host, dnsDomain, addresses));
    }

    /**
     * The host itself, with the final dot too; what the client's search domains make short of it; the virtual addresses.
     *
     * @param dnsDomain of the client: {@code default.svc.cluster.local}
     */
    private static List<String> of(String host, String dnsDomain, List<String> addresses) {
        List<String> domains = new ArrayList<>();
        domains.add(host);
        if (!host.startsWith("*")) {
            if (!isAddress(host)) {
                domains.add(host + ".");
            }
            domains.addAll(shortForms(host, dnsDomain));
        }
        for (String address : addresses) {
            if (!address.contains("/") && !domains.contains(address)) {
                domains.add(address.contains(":") ? "[" + address + "]" : address);
            }
        }
        return domains;
    }

    /** "reviews", "reviews.default.svc", "reviews.default" within the namespace; without the first from elsewhere. */
    private static List<String> shortForms(String host, String dnsDomain) {
        int dot = dnsDomain.indexOf('.');
        if (dot < 0) {
            return List.of();
        }
        String namespace = dnsDomain.substring(0, dot);
        String shared = dnsDomain.substring(dot + 1);
        if (!host.endsWith("." + shared)) {
            return List.of();
        }
        String unique = host.substring(0, host.length() - shared.length() - 1);
        int shared1 = shared.indexOf('.');
        String first = shared1 < 0 ? shared : shared.substring(0, shared1);
        List<String> forms = new ArrayList<>();
        String suffix = "." + namespace;
        if (unique.endsWith(suffix) && unique.length() > suffix.length()) {
            forms.add(unique.substring(0, unique.length() - suffix.length()));
        }
        forms.add(unique + "." + first);
        forms.add(unique);
        return forms;
    }

    private static boolean isAddress(String host) {
        return host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')) || host.contains(":");
    }
}
