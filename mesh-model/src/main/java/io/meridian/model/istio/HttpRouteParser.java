package io.meridian.model.istio;

import io.meridian.model.istio.HttpAction.Delegate;
import io.meridian.model.istio.HttpAction.DerivePort;
import io.meridian.model.istio.HttpAction.Forward;
import io.meridian.model.istio.HttpAction.HttpDestination;
import io.meridian.model.istio.HttpAction.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** One entry of {@code http}. */
final class HttpRouteParser {
    private HttpRouteParser() {}

    /** {@code delegate}: whether it stands in a VirtualService that others delegate to. */
    static HttpRoute parse(FieldReader in, boolean delegate) {
        HttpRoute route = new HttpRoute(
                in.string("name"),
                in.objects("match", HttpMatchParser::parse),
                action(in),
                in.object("rewrite", HttpPolicyParser::rewrite),
                in.duration("timeout"),
                in.object("retries", HttpPolicyParser::retry),
                in.object("fault", HttpPolicyParser::fault),
                mirrors(in),
                in.object("corsPolicy", HttpPolicyParser::cors),
                HttpHeadersParser.parse(in, "headers"));
        checkDelegation(in, route, delegate);
        checkAuthority(in, route);
        return route;
    }

    private static HttpAction action(FieldReader in) {
        in.atMostOne("route", "redirect", "directResponse", "delegate");
        Optional<HttpAction> redirect = in.object("redirect", HttpRouteParser::redirect);
        Optional<HttpAction> response = in.object("directResponse", HttpPolicyParser::directResponse);
        Optional<HttpAction> delegate = in.object("delegate", HttpRouteParser::delegate);
        List<HttpDestination> route = in.objects("route", HttpRouteParser::destination);
        Weights.check(
                in,
                route.stream().map(HttpDestination::destination).toList(),
                route.stream().map(HttpDestination::weight).toList());
        if (redirect.or(() -> response).isPresent()) {
            refuseWithoutForward(in, "fault");
            refuseWithoutForward(in, "rewrite");
        }
        Optional<HttpAction> other = redirect.or(() -> response).or(() -> delegate);
        if (other.isEmpty() && route.isEmpty()) {
            in.error("route", "is required: one of route, redirect, directResponse and delegate must be given");
        }
        return other.orElseGet(() -> new Forward(route));
    }

    private static void refuseWithoutForward(FieldReader in, String field) {
        if (in.has(field)) {
            in.error(field, "is not allowed in a route that does not forward (redirect or directResponse)");
        }
    }

    private static HttpDestination destination(FieldReader in) {
        return new HttpDestination(
                Destinations.required(in, "destination"), Weights.parse(in), HttpHeadersParser.parse(in, "headers"));
    }

    private static Redirect redirect(FieldReader in) {
        in.atMostOne("port", "derivePort");
        Redirect redirect = new Redirect(
                in.string("uri"),
                in.string("prefixRewrite"),
                in.string("authority"),
                in.port("port"),
                in.enumeration("derivePort", DerivePort.class),
                in.string("scheme"),
                in.integer("redirectCode", 300, 399).orElse(301));
        in.atMostOne("uri", "prefixRewrite");
        redirect.uri().ifPresent(uri -> in.check("uri", Syntax.headerText(uri)));
        redirect.prefixRewrite().ifPresent(prefix -> in.check("prefixRewrite", Syntax.headerText(prefix)));
        redirect.authority().ifPresent(authority -> in.check("authority", Syntax.headerText(authority)));
        redirect.scheme()
                .filter(scheme -> !scheme.equals("http") && !scheme.equals("https"))
                .ifPresent(scheme -> in.error("scheme", "must be http or https, but is \"" + scheme + "\""));
        boolean changesNothing = redirect.uri().isEmpty()
                && redirect.prefixRewrite().isEmpty()
                && redirect.authority().isEmpty()
                && redirect.port().isEmpty()
                && redirect.derivePort().isEmpty()
                && redirect.scheme().isEmpty();
        if (changesNothing) {
            in.error("", "must say at least one of uri, prefixRewrite, authority, port, derivePort and scheme");
        }
        return redirect;
    }

    private static Delegate delegate(FieldReader in) {
        Delegate delegate = new Delegate(in.requiredString("name"), in.string("namespace"));
        if (!delegate.name().isEmpty() && !Syntax.isDnsSubdomain(delegate.name())) {
            in.error("name", "\"" + delegate.name() + "\" is not a valid name of a VirtualService");
        }
        delegate.namespace()
                .filter(namespace -> !Syntax.isDnsLabel(namespace))
                .ifPresent(namespace -> in.error("namespace", "\"" + namespace + "\" is not a valid namespace name"));
        return delegate;
    }

    private static void checkDelegation(FieldReader in, HttpRoute route, boolean delegate) {
        boolean root = route.action() instanceof Delegate;
        if (root && delegate) {
            in.error("delegate", "a VirtualService without hosts, to which others delegate, must not delegate further");
        }
        if (!root && !delegate) {
            return;
        }
        for (int i = 0; i < route.matches().size(); i++) {
            String match = "match[" + i + "].";
            HttpMatchParser.regexField(route.matches().get(i))
                    .ifPresent(field -> in.error(match + field, "a regex is not allowed where routes are delegated"));
        }
    }

    /** A request has one authority: it may be rewritten in one place. */
    private static void checkAuthority(FieldReader in, HttpRoute route) {
        HeaderOperations request = route.headers().request();
        long times = request.set().keySet().stream()
                        .filter(HttpHeadersParser::isAuthority)
                        .count()
                + request.add().keySet().stream()
                        .filter(HttpHeadersParser::isAuthority)
                        .count()
                + route.rewrite().flatMap(HttpRewrite::authority).stream().count();
        if (times > 1) {
            in.error(
                    "headers.request",
                    "the authority is set more than once (rewrite.authority, headers host or :authority)");
        }
    }

    private static List<HttpRoute.Mirror> mirrors(FieldReader in) {
        in.atMostOne("mirror", "mirrors");
        List<HttpRoute.Mirror> mirrors = new ArrayList<>(in.objects("mirrors", HttpRouteParser::mirror));
        OptionalDouble percentage = HttpPolicyParser.percentage(in, "mirrorPercentage");
        OptionalInt percent = firstOf(in.integer("mirrorPercent", 0, 100), in.integer("mirror_percent", 0, 100));
        if (percent.isPresent()) {
            in.warning("mirrorPercent", "is deprecated: use mirrorPercentage");
        }
        double share = percentage.orElse(percent.isPresent() ? percent.getAsInt() : 100);
        in.object("mirror", Destinations::parse)
                .ifPresent(destination -> mirrors.add(new HttpRoute.Mirror(destination, share)));
        return mirrors;
    }

    private static OptionalInt firstOf(OptionalInt first, OptionalInt second) {
        return first.isPresent() ? first : second;
    }

    private static HttpRoute.Mirror mirror(FieldReader in) {
        return new HttpRoute.Mirror(
                Destinations.required(in, "destination"),
                HttpPolicyParser.percentage(in, "percentage").orElse(100));
    }
}
