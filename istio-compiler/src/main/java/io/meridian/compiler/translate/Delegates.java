package io.meridian.compiler.translate;

import io.meridian.model.istio.Destination;
import io.meridian.model.istio.GatewayNames;
import io.meridian.model.istio.HeaderOperations;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.HttpAction;
import io.meridian.model.istio.HttpAction.Delegate;
import io.meridian.model.istio.HttpAction.Forward;
import io.meridian.model.istio.HttpAction.HttpDestination;
import io.meridian.model.istio.HttpMatch;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Routes that a VirtualService leaves to another one, put in their place. Rules of Istio's reference ({@code HTTPRoute.delegate}): a delegate's
 * conditions must be narrower than those of the route that refers to it, and what it does not say itself it has from there.
 */
public final class Delegates {
    /** Finds VirtualServices without hosts. */
    @FunctionalInterface
    public interface Lookup {
        /** Empty if there is none, or none that the referring namespace may see. */
        Optional<VirtualService> find(String namespace, String name);
    }

    private Delegates() {}

    /** As {@link #merge(List, String, Lookup)}, of the {@code http} routes of {@code root}. */
    public static VirtualService merge(VirtualService root, String namespace, Lookup delegates) {
        return new VirtualService(
                root.hosts(),
                root.gateways(),
                root.exportTo(),
                merge(root.http(), namespace, delegates),
                root.tls(),
                root.tcp());
    }

    /**
     * Routes without delegations. A delegate that is not found, and a route of it whose conditions contradict those of the referring one, are
     * left out. Destinations of a delegate in another namespace have full names in the result.
     *
     * @param namespace of the routes' VirtualService
     */
    public static List<HttpRoute> merge(List<HttpRoute> routes, String namespace, Lookup delegates) {
        List<HttpRoute> merged = new ArrayList<>();
        for (HttpRoute route : routes) {
            if (route.action() instanceof Delegate delegate) {
                String owner = delegate.namespace().orElse(namespace);
                delegates.find(owner, delegate.name()).map(VirtualService::http).stream()
                        .flatMap(List::stream)
                        // Delegates of delegates are not followed, as in Istio.
                        .filter(own -> !(own.action() instanceof Delegate))
                        .map(own -> resolve(own, owner))
                        .flatMap(own -> merge(route, namespace, own).stream())
                        .forEach(merged::add);
            } else {
                merged.add(route);
            }
        }
        return merged;
    }

    private static Optional<HttpRoute> merge(HttpRoute root, String rootNamespace, HttpRoute own) {
        List<HttpMatch> rootMatches = root.matches().stream()
                .map(match -> resolveGateways(match, rootNamespace))
                .toList();
        return DelegatedMatches.merge(rootMatches, own.matches())
                .map(matches -> new HttpRoute(
                        join(root.name(), own.name()),
                        matches,
                        own.action(),
                        own.rewrite().or(root::rewrite),
                        own.timeout().or(root::timeout),
                        own.retries().or(root::retries),
                        own.fault().or(root::fault),
                        own.mirrors().isEmpty() ? root.mirrors() : own.mirrors(),
                        own.cors().or(root::cors),
                        own.headers().equals(HeaderOperations.Both.NONE) ? root.headers() : own.headers()));
    }

    /** "root-own". */
    static Optional<String> join(Optional<String> root, Optional<String> own) {
        return root.isPresent() && own.isPresent() ? Optional.of(root.get() + "-" + own.get()) : own.or(() -> root);
    }

    private static HttpRoute resolve(HttpRoute route, String namespace) {
        return new HttpRoute(
                route.name(),
                route.matches().stream()
                        .map(match -> resolveGateways(match, namespace))
                        .toList(),
                resolve(route.action(), namespace),
                route.rewrite(),
                route.timeout(),
                route.retries(),
                route.fault(),
                route.mirrors().stream()
                        .map(mirror -> new HttpRoute.Mirror(resolve(mirror.destination(), namespace), mirror.percent()))
                        .toList(),
                route.cors(),
                route.headers());
    }

    private static HttpAction resolve(HttpAction action, String namespace) {
        return action instanceof Forward forward
                ? new Forward(forward.route().stream()
                        .map(to -> new HttpDestination(resolve(to.destination(), namespace), to.weight(), to.headers()))
                        .toList())
                : action;
    }

    private static Destination resolve(Destination destination, String namespace) {
        return new Destination(
                HostNames.resolve(destination.host(), namespace), destination.port(), destination.subset());
    }

    private static HttpMatch resolveGateways(HttpMatch match, String namespace) {
        return match.gateways().isEmpty()
                ? match
                : DelegatedMatches.withGateways(
                        match,
                        match.gateways().stream()
                                .map(name -> GatewayNames.resolve(name, namespace))
                                .toList());
    }
}
