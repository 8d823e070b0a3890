package io.meridian.gateway.internal.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The state-of-the-world variant: each request names everything that the client wants of a type. */
public final class StateOfTheWorldStream extends DiscoveryStream {
    private static final String WILDCARD = "*";

    public StateOfTheWorldStream(boolean envoy, Differences differences, ProtocolLimits limits, long nowNanos) {
        super(envoy, differences, limits, nowNanos);
    }

    /** Takes one request. */
    public Heard onRequest(DiscoveryRequest request, long nowNanos) throws TooManyNamesException {
        Optional<XdsType> type = XdsType.ofTypeUrl(request.getTypeUrl());
        if (type.isEmpty()) {
            return unserved(request.getTypeUrl(), List.of())
                    ? new Heard.UnservedType(request.getTypeUrl())
                    : Heard.NOTHING;
        }
        TypeChannel channel = channel(type.get());
        String nonce = request.getResponseNonce();
        if (channel.lastNonce() != null && !nonce.isEmpty() && !nonce.equals(channel.lastNonce())) {
            // It crossed a newer response, and gets none of its own. What it wants is noted all the same: a name that
            // is left out here
            // and back in the answer to the newer response was dropped by the client, and has to be sent again.
            if (channel.awaitsAnswer()) {
                noteWants(channel, request);
            }
            return Heard.NOTHING;
        }
        String refusal = request.hasErrorDetail() ? request.getErrorDetail().getMessage() : null;
        Heard heard = answer(channel, nonce, refusal, nowNanos);
        boolean first = channel.request();
        noteWants(channel, request);
        if (first) {
            if (channel.type.completeInStateOfTheWorld() || channel.wildcard()) {
                channel.oweAnswer();
            }
            if (!request.getVersionInfo().isEmpty()) {
                // A client that comes back and holds what is current gets nothing.
                channel.claims(request.getVersionInfo());
            }
        }
        return heard;
    }

    private static Heard answer(TypeChannel channel, String nonce, @Nullable String refusal, long nowNanos) {
        boolean answered = channel.answered(nonce, refusal, nowNanos);
        if (!answered) {
            return Heard.NOTHING;
        }
        return refusal == null ? new Heard.Acknowledged(channel.type) : new Heard.Refused(channel.type, refusal);
    }

    private void noteWants(TypeChannel channel, DiscoveryRequest request) throws TooManyNamesException {
        Set<String> asked = new LinkedHashSet<>(request.getResourceNamesList());
        checkNames(asked.size() - channel.names().size());
        want(channel, asked);
    }

    private static void want(TypeChannel channel, Set<String> asked) {
        if (asked.isEmpty()) {
            if (!channel.everNamed() && channel.type.completeInStateOfTheWorld()) {
                channel.subscribeAll();
                return;
            }
        } else {
            channel.markNamed();
        }
        for (String name : List.copyOf(channel.names())) {
            if (!asked.contains(name)) {
                channel.unsubscribe(name, false);
            }
        }
        boolean wildcard = asked.contains(WILDCARD);
        for (String name : asked) {
            if (!name.equals(WILDCARD) && !channel.names().contains(name)) {
                channel.subscribe(name);
            }
        }
        if (wildcard) {
            channel.subscribeAll();
        } else {
            channel.unsubscribeAll();
        }
    }

    @Override
    TypeChannel.@Nullable Batch next(TypeChannel channel, boolean removalsAllowed) {
        return channel.type.completeInStateOfTheWorld()
                ? channel.nextComplete(removalsAllowed)
                : channel.nextPart(limits.chunkBytes());
    }

    @Override
    String versionOf(TypeChannel channel, String nonce) {
        return channel.version(served() + "/" + nonce);
    }

    @Override
    boolean tellsWhole(XdsType type) {
        return type.completeInStateOfTheWorld();
    }
}
