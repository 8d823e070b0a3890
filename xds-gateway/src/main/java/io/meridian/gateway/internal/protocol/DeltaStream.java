package io.meridian.gateway.internal.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The delta variant: each request says what the client wants more and less of a type. */
public final class DeltaStream extends DiscoveryStream {
    private static final String WILDCARD = "*";

    public DeltaStream(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
        super(envoy, sharing, limits, nowNanos);
    }

    /** Takes one request. Subscriptions count even where the nonce is stale. */
    public Heard onRequest(DeltaDiscoveryRequest request, long nowNanos) throws TooManyNamesException {
        Optional<XdsType> type = XdsType.ofTypeUrl(request.getTypeUrl());
        List<String> more = request.getResourceNamesSubscribeList();
        if (type.isEmpty()) {
            return unserved(request.getTypeUrl(), more) ? new Heard.UnservedType(request.getTypeUrl()) : Heard.NOTHING;
        }
        TypeChannel channel = channel(type.get());
        checkNames(more.size());
        Heard heard = answer(channel, request, nowNanos);
        boolean first = channel.request();
        if (first || !more.isEmpty() || request.getResourceNamesUnsubscribeCount() > 0) {
            channel.ask(ask(channel.type, request, first));
        }
        return heard;
    }

    private Step.Ask ask(XdsType type, DeltaDiscoveryRequest request, boolean first) {
        List<String> more = request.getResourceNamesSubscribeList();
        List<String> less = request.getResourceNamesUnsubscribeList();
        boolean holdsSomething = first && request.getInitialResourceVersionsCount() > 0;
        boolean legacyWildcard = first && more.isEmpty() && type.completeInStateOfTheWorld();
        return new Step.Ask(
                sharing.names(named(more)),
                sharing.names(named(less)),
                legacyWildcard || more.contains(WILDCARD),
                less.contains(WILDCARD),
                first && !holdsSomething,
                holdsSomething ? sharing.holds(request.getInitialResourceVersionsMap()) : null);
    }

    private static List<String> named(List<String> names) {
        if (!names.contains(WILDCARD)) {
            return names;
        }
        List<String> named = new ArrayList<>(names);
        named.removeIf(WILDCARD::equals);
        return named;
    }

    private static Heard answer(TypeChannel channel, DeltaDiscoveryRequest request, long nowNanos) {
        if (request.getResponseNonce().isEmpty()) {
            return Heard.NOTHING;
        }
        String refusal = request.hasErrorDetail() ? request.getErrorDetail().getMessage() : null;
        return channel.answered(request.getResponseNonce(), refusal, nowNanos);
    }

    @Override
    Step.Form form(XdsType type) {
        return Step.Form.DELTA;
    }
}
