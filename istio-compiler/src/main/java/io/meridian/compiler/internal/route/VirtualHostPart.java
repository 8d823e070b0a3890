package io.meridian.compiler.internal.route;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.XdsResource;
import java.util.List;

/**
 * A virtual host, serialized, such that domains can still be taken from it: a domain may stand in one virtual host of a route configuration only.
 *
 * @param domains the main one first
 * @param whole the message with all domains
 * @param tail its fields behind {@code domains}
 */
public record VirtualHostPart(String name, List<String> domains, ByteString whole, ByteString tail) {
    public static VirtualHostPart of(VirtualHost host) {
        ByteString tail = XdsResource.deterministic(
                host.toBuilder().clearName().clearDomains().build());
        return new VirtualHostPart(
                host.getName(),
                List.copyOf(host.getDomainsList()),
                head(host.getName(), host.getDomainsList()).concat(tail),
                tail);
    }

    /** With these of its domains only. */
    ByteString with(List<String> kept) {
        return kept.size() == domains.size() ? whole : head(name, kept).concat(tail);
    }

    private static ByteString head(String name, List<String> domains) {
        return VirtualHost.newBuilder()
                .setName(name)
                .addAllDomains(domains)
                .build()
                .toByteString();
    }
}
