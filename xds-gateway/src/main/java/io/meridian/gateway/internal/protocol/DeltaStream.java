package io.meridian.gateway.internal.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The delta variant: each request says what the client wants more and less of a type. */
public final class DeltaStream extends DiscoveryStream {
    private static final String WILDCARD = "*";

    public DeltaStream(boolean envoy, Differences differences, ProtocolLimits limits, long nowNanos) {
        super(envoy, differences, limits, nowNanos);
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
        for (String name : request.getResourceNamesUnsubscribeList()) {
            if (name.equals(WILDCARD)) {
                channel.unsubscribeAll();
            } else {
                channel.unsubscribe(name, true);
            }
        }
        for (String name : more) {
            if (!name.equals(WILDCARD)) {
                channel.subscribe(name);
            }
        }
        boolean legacyWildcard = first && more.isEmpty() && channel.type.completeInStateOfTheWorld();
        if (legacyWildcard || more.contains(WILDCARD)) {
            channel.subscribeAll();
            if (first && request.getInitialResourceVersionsCount() == 0) {
                channel.oweAnswer();
            }
        }
        if (first) {
            request.getInitialResourceVersionsMap().forEach(channel::holds);
        }
        return heard;
    }

    private static Heard answer(TypeChannel channel, DeltaDiscoveryRequest request, long nowNanos) {
        if (request.getResponseNonce().isEmpty()) {
            return Heard.NOTHING;
        }
        String refusal = request.hasErrorDetail() ? request.getErrorDetail().getMessage() : null;
        if (!channel.answered(request.getResponseNonce(), refusal, nowNanos)) {
            return Heard.NOTHING;
        }
        return refusal == null ? new Heard.Acknowledged(channel.type) : new Heard.Refused(channel.type, refusal);
    }

    @Override
    TypeChannel.@Nullable Batch next(TypeChannel channel, boolean removalsAllowed) {
        return channel.nextDelta(removalsAllowed, limits.chunkBytes());
    }

    /** For people: the position that was served. */
    @Override
    String versionOf(TypeChannel channel, String nonce) {
        return served() + "/" + nonce;
    }

    @Override
    boolean tellsWhole(XdsType type) {
        return false;
    }
}
