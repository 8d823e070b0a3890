package io.meridian.compiler.internal.route;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.cluster.RepeatedField;
import io.meridian.compiler.translate.RouteConfigurations;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Puts virtual hosts together. */
final class RouteBytes {
    private RouteBytes() {}

    /**
     * The virtual hosts in the order of their names, then {@code last}. A domain that two of them claim goes to the one whose main domain it
     * is, else to the first; who keeps none is left out.
     */
    static ByteString of(String name, List<VirtualHostPart> hosts, List<VirtualHostPart> last) {
        List<VirtualHostPart> ordered = new ArrayList<>(hosts);
        ordered.sort(Comparator.comparing(VirtualHostPart::name));
        ordered.addAll(last);
        Set<String> mains = new HashSet<>();
        ordered.forEach(host -> mains.add(host.domains().getFirst()));
        Set<String> taken = new HashSet<>();
        List<ByteString> parts = new ArrayList<>();
        for (VirtualHostPart host : ordered) {
            List<String> kept = new ArrayList<>();
            for (String domain : host.domains()) {
                boolean ours = domain.equals(host.domains().getFirst()) || !mains.contains(domain);
                if (ours && taken.add(domain)) {
                    kept.add(domain);
                }
            }
            if (!kept.isEmpty()) {
                parts.add(host.with(kept));
            }
        }
        RouteConfiguration options =
                RouteConfigurations.outbound("").clearName().build();
        ByteString head = RouteConfiguration.newBuilder().setName(name).build().toByteString();
        return RepeatedField.append(
                head, RouteConfiguration.VIRTUAL_HOSTS_FIELD_NUMBER, parts, XdsResource.deterministic(options));
    }
}
