package io.meridian.gateway.internal.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The state-of-the-world variant: each request names everything that the client wants of a type. */
public final class StateOfTheWorldStream extends DiscoveryStream {
    private static final String WILDCARD = "*";

    /** Whether endpoints and routes are asked for only as clusters and listeners come and go. */
    private final boolean envoy;

    public StateOfTheWorldStream(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
        super(envoy, sharing, limits, nowNanos);
        this.envoy = envoy;
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
            channel.claims(Claim.of(request.getVersionInfo()));
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
    void judgeClaims(long nowNanos) {
        judge(channel(XdsType.CLUSTER), channel(XdsType.ENDPOINT), nowNanos);
        judge(channel(XdsType.LISTENER), channel(XdsType.ROUTE), nowNanos);
        if (channel(XdsType.SECRET).claimToJudge()) {
            channel(XdsType.SECRET).judged(false);
        }
    }

    /**
     * A client that comes back and holds what is current gets nothing. What it says of clusters counts only together with what it says of
     * endpoints, and the other way round: see {@link Claim}. So the one that is asked for first waits for the other, for a moment.
     */
    private void judge(TypeChannel parent, TypeChannel child, long nowNanos) {
        if (!parent.claimToJudge() && !child.claimToJudge()) {
            return;
        }
        boolean both = parent.requested() && child.requested();
        if (envoy && !both && mayStillAsk(nowNanos)) {
            return;
        }
        Claim above = parent.claim();
        Claim below = child.claim();
        boolean agree = envoy && both && above != null && below != null && above.turn() == below.turn();
        boolean believed = agree && parent.claimToJudge() && parent.claimIsCurrent();
        boolean childBelieved = believed && child.claimToJudge() && child.claimIsCurrent();
        if (parent.claimToJudge()) {
            if (!believed) {
                parent.countsOn(below == null ? null : below.turn());
            }
            parent.judged(believed);
        }
        if (child.claimToJudge()) {
            child.judged(childBelieved);
        }
    }

    private boolean mayStillAsk(long nowNanos) {
        return nowNanos < claimsUntilNanos();
    }

    @Override
    Step.Form form(XdsType type) {
        return type.completeInStateOfTheWorld() ? Step.Form.COMPLETE : Step.Form.PART;
    }
}
