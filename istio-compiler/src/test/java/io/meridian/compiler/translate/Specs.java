package io.meridian.compiler.translate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.Gateway;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.istio.IstioSpec;
import io.meridian.model.istio.IstioSpecs;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.ServerTlsSettings;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Specs written as YAML, and their translation in a mesh where everything is called as it is written. */
final class Specs {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final ResourceKey REVIEWS = new ResourceKey(IstioKinds.NETWORKING, "VirtualService", "default", "reviews");
    static final HttpRouteContext SIDECAR =
            new HttpRouteContext(REVIEWS, Set.of("mesh"), 9080, Map.of("app", "productpage"), "default", false);

    private Specs() {}

    static IstioSpec parse(String kind, String yaml) {
        Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        ResourceKey key = new ResourceKey(IstioKinds.NETWORKING, kind, "default", "it");
        try {
            IstioSpecs.Parsed parsed = IstioSpecs.parse(
                    key, "networking.istio.io/v1", ByteString.copyFromUtf8(JSON.writeValueAsString(value)));
            if (!parsed.isValid()) {
                throw new AssertionError("not valid:\n" + yaml + "\n" + parsed.problems());
            }
            return parsed.spec();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static VirtualService virtualService(String yaml) {
        return (VirtualService) parse("VirtualService", yaml);
    }

    static DestinationRule destinationRule(String yaml) {
        return (DestinationRule) parse("DestinationRule", yaml);
    }

    /** {@code yaml}: the fields of {@code trafficPolicy}. */
    static TrafficPolicy trafficPolicy(String yaml) {
        return destinationRule("host: reviews\ntrafficPolicy:\n" + yaml.indent(2))
                .trafficPolicy()
                .orElseThrow();
    }

    /** {@code yaml}: the fields of {@code tls} of a server. */
    static ServerTlsSettings serverTls(String yaml) {
        Gateway gateway = (Gateway) parse("Gateway", """
                servers:
                - port: {number: 443, name: https, protocol: HTTPS}
                  hosts: ["*"]
                  tls:
                """ + yaml.indent(4));
        return gateway.servers().getFirst().tls().orElseThrow();
    }

    /** {@code yaml}: the list under {@code http}. */
    static List<Route> routes(String yaml) {
        return routes(SIDECAR, yaml);
    }

    static List<Route> routes(HttpRouteContext context, String yaml) {
        return routes(context, yaml, Optional.empty());
    }

    static List<Route> routes(HttpRouteContext context, String yaml, Optional<DestinationRule> rule) {
        VirtualService service = virtualService("hosts: [reviews]\nhttp:\n" + yaml);
        return HttpRouteTranslation.routes(context, service.http(), new ByName(context, rule));
    }

    /** The only route, with {@code yaml}'s fields next to a plain destination. */
    static Route routeWith(String yaml) {
        List<Route> routes = routes("- route: [{destination: {host: reviews}}]\n" + yaml.indent(2));
        if (routes.size() != 1) {
            throw new AssertionError("expected one route but got " + routes);
        }
        return routes.getFirst();
    }

    static <T extends Message> T unpack(Any any, Class<T> type) {
        try {
            return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private record ByName(HttpRouteContext context, Optional<DestinationRule> rule) implements Destinations {
        @Override
        public String cluster(Destination destination) {
            return ClusterNames.outbound(
                    destination.port().orElse(context.port()),
                    destination.subset().orElse(""),
                    HostNames.resolve(
                            destination.host(), context.virtualService().namespace()));
        }

        @Override
        public Optional<ConsistentHash> consistentHash(Destination destination) {
            return rule.flatMap(found -> HashPolicies.of(found, destination));
        }
    }
}
