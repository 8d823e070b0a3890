package io.meridian.model.istio;

import io.meridian.model.istio.VirtualService.TcpMatch;
import io.meridian.model.istio.VirtualService.TcpRoute;
import io.meridian.model.istio.VirtualService.TlsMatch;
import io.meridian.model.istio.VirtualService.TlsRoute;
import io.meridian.model.istio.VirtualService.WeightedDestination;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/** VirtualService, but for its HTTP routes: {@link HttpRouteParser}. */
final class VirtualServiceParser {
    private VirtualServiceParser() {}

    static VirtualService parse(FieldReader in, ResourceKey key) {
        List<String> hosts = in.hosts("hosts");
        List<String> gateways = in.strings("gateways");
        boolean delegate = hosts.isEmpty();
        VirtualService spec = new VirtualService(
                hosts,
                gateways,
                FieldChecks.exportTo(in, key.namespace(), false),
                in.objects("http", route -> HttpRouteParser.parse(route, delegate)),
                in.objects("tls", route -> tlsRoute(route, hosts)),
                in.objects("tcp", VirtualServiceParser::tcpRoute));
        FieldChecks.gatewayNames(in, gateways);
        checkHosts(in, hosts, gateways);
        checkRoutes(in, spec, delegate);
        return spec;
    }

    private static void checkHosts(FieldReader in, List<String> hosts, List<String> gateways) {
        boolean mesh = gateways.isEmpty() || gateways.contains(VirtualService.MESH);
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            if (host.equals("*") && mesh) {
                in.error(
                        "hosts[" + i + "]",
                        "\"*\" is not allowed for sidecars (gateway \"mesh\"): name the hosts, or bind it to a Gateway only");
            } else if (!Syntax.isIpAddress(host)) {
                in.check("hosts[" + i + "]", Syntax.wildcardHost(host));
            }
        }
        FieldChecks.unique(in, "hosts", hosts, "host");
    }

    private static void checkRoutes(FieldReader in, VirtualService spec, boolean delegate) {
        if (spec.http().isEmpty() && spec.tls().isEmpty() && spec.tcp().isEmpty()) {
            in.error("", "must have at least one route under http, tls or tcp");
        }
        if (delegate && !spec.gateways().isEmpty()) {
            in.error("hosts", "is required; without hosts it is a delegate, and a delegate must not name gateways");
        } else if (delegate && !(spec.tls().isEmpty() && spec.tcp().isEmpty())) {
            in.error("hosts", "is required; without hosts it is a delegate, and a delegate has http routes only");
        }
    }

    private static TlsRoute tlsRoute(FieldReader in, List<String> hosts) {
        in.require("match");
        List<TlsMatch> matches = in.objects("match", match -> tlsMatch(match, hosts));
        if (matches.isEmpty() && in.has("match")) {
            in.error("match", "must have at least one match");
        }
        return new TlsRoute(matches, route(in));
    }

    private static TlsMatch tlsMatch(FieldReader in, List<String> hosts) {
        TlsMatch match = new TlsMatch(
                in.hosts("sniHosts"),
                subnets(in),
                in.port("port"),
                FieldChecks.labels(in, "sourceLabels"),
                in.strings("gateways"),
                sourceNamespace(in));
        FieldChecks.gatewayNames(in, match.gateways());
        if (match.sniHosts().isEmpty()) {
            in.error("sniHosts", "is required and must name at least one host");
        }
        for (int i = 0; i < match.sniHosts().size(); i++) {
            checkSniHost(in, "sniHosts[" + i + "]", match.sniHosts().get(i), hosts);
        }
        return match;
    }

    private static void checkSniHost(FieldReader in, String field, String sni, List<String> hosts) {
        Optional<String> wrong = Syntax.wildcardHost(sni);
        if (wrong.isPresent() && Syntax.isIpAddress(sni)) {
            in.warning(field, "\"" + sni + "\" is an IP address, which clients do not send as SNI");
        } else if (wrong.isPresent()) {
            in.check(field, wrong);
        } else if (Syntax.isPartialWildcard(sni)) {
            in.error(
                    field,
                    "\"" + sni + "\": a wildcard of an SNI host must stand for whole labels, as in *.example.com");
        } else if (hosts.stream().noneMatch(host -> HostNames.covers(host, sni))) {
            in.error(field, "\"" + sni + "\" is within none of the hosts: " + String.join(", ", hosts));
        }
    }

    private static TcpRoute tcpRoute(FieldReader in) {
        return new TcpRoute(in.objects("match", VirtualServiceParser::tcpMatch), route(in));
    }

    private static TcpMatch tcpMatch(FieldReader in) {
        TcpMatch match = new TcpMatch(
                subnets(in),
                in.port("port"),
                in.string("sourceSubnet"),
                FieldChecks.labels(in, "sourceLabels"),
                in.strings("gateways"),
                sourceNamespace(in));
        match.sourceSubnet().ifPresent(subnet -> in.check("sourceSubnet", Syntax.subnet(subnet)));
        FieldChecks.gatewayNames(in, match.gateways());
        return match;
    }

    private static List<String> subnets(FieldReader in) {
        List<String> subnets = in.strings("destinationSubnets");
        FieldChecks.each(in, "destinationSubnets", subnets, Syntax::subnet);
        return subnets;
    }

    static Optional<String> sourceNamespace(FieldReader in) {
        Optional<String> namespace = in.string("sourceNamespace");
        namespace
                .filter(name -> !Syntax.isDnsLabel(name))
                .ifPresent(name -> in.error("sourceNamespace", "\"" + name + "\" is not a valid namespace name"));
        return namespace;
    }

    private static List<WeightedDestination> route(FieldReader in) {
        List<WeightedDestination> route = in.objects("route", VirtualServiceParser::weighted);
        if (route.isEmpty()) {
            in.error("route", "is required and must have at least one destination");
        }
        Weights.check(
                in,
                route.stream().map(WeightedDestination::destination).toList(),
                route.stream().map(WeightedDestination::weight).toList());
        return route;
    }

    private static WeightedDestination weighted(FieldReader in) {
        return new WeightedDestination(Destinations.required(in, "destination"), Weights.parse(in));
    }
}
