package io.meridian.compiler.internal.grpc;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.translate.GrpcListeners;
import java.util.ArrayList;
import java.util.List;

/** What a channel asks for first. {@code name}: {@code HOST:PORT} as its target is written. */
record ClientListener(String name, String routeName) implements Query<XdsResource> {
    @Override
    public XdsResource compute(Tracked view) {
        return view.resource(
                XdsType.LISTENER, name, XdsResource.deterministic(GrpcListeners.ofClient(name, routeName)));
    }

    /** Under the host's full name. */
    static ClientListener of(Target target) {
        return named(target, target.host());
    }

    /**
     * Under the names that are short of the client's domain: {@code foo}, {@code foo.NAMESPACE} and {@code foo.NAMESPACE.svc}, as Istio
     * (tryFindFQDN of grpcgen).
     *
     * @param dnsDomain of the client: {@code default.svc.cluster.local}
     */
    static List<ClientListener> shortOf(Target target, String namespace, String dnsDomain) {
        String suffix = "." + dnsDomain;
        if (!target.host().endsWith(suffix) || target.host().length() == suffix.length()) {
            return List.of();
        }
        String name = target.host().substring(0, target.host().length() - suffix.length());
        List<ClientListener> listeners = new ArrayList<>();
        if (!name.contains(".")) {
            listeners.add(named(target, name));
        }
        for (String end : List.of(namespace, namespace + ".svc")) {
            if (dnsDomain.startsWith(end + ".")) {
                listeners.add(named(target, name + "." + end));
            }
        }
        return listeners;
    }

    private static ClientListener named(Target target, String host) {
        return new ClientListener(host + ":" + target.port(), target.routeName());
    }
}
