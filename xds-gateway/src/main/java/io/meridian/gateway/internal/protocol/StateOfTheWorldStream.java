package io.meridian.gateway.internal.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The state-of-the-world variant: each request names everything that the client wants of a type. */
public final class StateOfTheWorldStream extends DiscoveryStream {
    private static final String WILDCARD = "*";

    public StateOfTheWorldStream(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
        super(envoy, sharing, limits, nowNanos);
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
            // is left out here and back in the answer to the newer one was dropped by the client: it is sent again.
            if (channel.awaitsAnswer()) {
                noteWants(channel, request, false);
            }
            return Heard.NOTHING;
        }
        String refusal = request.hasErrorDetail() ? request.getErrorDetail().getMessage() : null;
        Heard heard = channel.answered(nonce, refusal, nowNanos);
        boolean first = channel.request();
        noteWants(channel, request, first);
        if (first && !request.getVersionInfo().isEmpty()) {
            // A client that comes back and holds what is current gets nothing.
            channel.claims(request.getVersionInfo());
        }
        return heard;
    }

    private void noteWants(TypeChannel channel, DiscoveryRequest request, boolean first) throws TooManyNamesException {
        List<String> names = request.getResourceNamesList();
        boolean wildcard = names.contains(WILDCARD);
        if (wildcard) {
            names = new ArrayList<>(names);
            names.removeIf(WILDCARD::equals);
        }
        NameSet asked = sharing.names(names);
        checkNames(asked.size() - channel.names().size());
        channel.want(new Step.Want(asked, wildcard, first));
    }

    @Override
    Step.Form form(XdsType type) {
        return type.completeInStateOfTheWorld() ? Step.Form.COMPLETE : Step.Form.PART;
    }
}
