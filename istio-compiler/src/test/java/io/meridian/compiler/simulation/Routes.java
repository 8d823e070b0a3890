package io.meridian.compiler.simulation;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.function.Consumer;

/** Routes in few words. */
final class Routes {
    private Routes() {}

    static RouteMatch.Builder path(String path) {
        return RouteMatch.newBuilder().setPath(path);
    }

    static RouteMatch.Builder prefix(String prefix) {
        return RouteMatch.newBuilder().setPrefix(prefix);
    }

    static RouteMatch.Builder separated(String prefix) {
        return RouteMatch.newBuilder().setPathSeparatedPrefix(prefix);
    }

    static RouteMatch.Builder regex(String regex) {
        return RouteMatch.newBuilder().setSafeRegex(RegexMatcher.newBuilder().setRegex(regex));
    }

    static BoolValue no() {
        return BoolValue.of(false);
    }

    static HeaderMatcher.Builder header(String name, String value) {
        return HeaderMatcher.newBuilder()
                .setName(name)
                .setStringMatch(StringMatcher.newBuilder().setExact(value));
    }

    static HeaderMatcher.Builder without(String name, String value) {
        return header(name, value).setInvertMatch(true).setTreatMissingHeaderAsEmpty(true);
    }

    static HeaderMatcher.Builder absent(String name) {
        return HeaderMatcher.newBuilder().setName(name).setPresentMatch(true).setInvertMatch(true);
    }

    static QueryParameterMatcher.Builder parameter(String name, String value) {
        return QueryParameterMatcher.newBuilder()
                .setName(name)
                .setStringMatch(StringMatcher.newBuilder().setExact(value));
    }

    static QueryParameterMatcher.Builder hasParameter(String name) {
        return QueryParameterMatcher.newBuilder().setName(name).setPresentMatch(true);
    }

    static Route.Builder redirect(String name, Consumer<RedirectAction.Builder> change) {
        Route.Builder route = Route.newBuilder().setName(name);
        change.accept(route.getRedirectBuilder());
        return route;
    }

    static Route.Builder answer(String name, int status) {
        Route.Builder route = Route.newBuilder().setName(name);
        route.getDirectResponseBuilder().setStatus(status);
        return route;
    }
}
