package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream over all types. Confined to its caller's thread.
 *
 * <p>What goes out keeps the order clusters, endpoints, listeners, routes, then removals, so that nothing refers to what the client does
 * not have: a type waits for the acknowledgement of those before it, for at most {@link ProtocolLimits#waveLimit}.
 */
public abstract sealed class DiscoveryStream implements TypeChannel.Owner permits StateOfTheWorldStream, DeltaStream {
    /** A client may ask for so many types that are not served before they are passed over in silence. */
    private static final int MAX_UNSERVED_TYPES = 32;

    private static final XdsType[] TYPES = XdsType.values();
    private static final int ALL = (1 << TYPES.length) - 1;

    final Sharing sharing;
    final ProtocolLimits limits;
    private final boolean envoy;
    private final long startedNanos;
    /** In the order of the types. */
    private final TypeChannel[] channels = new TypeChannel[TYPES.length];

    private final Standings standings = new Standings();

    private final Set<String> unservedTypes = new HashSet<>();
    private final Deque<Outgoing> unservedAnswers = new ArrayDeque<>();
    private @Nullable ProxyView view;
    /** The largest position up to which everything was ever acknowledged. */
    private @Nullable Position allAcknowledged;

    /** {@code envoy}: the client asks for every endpoint assignment and route that its clusters and listeners refer to. */
    DiscoveryStream(boolean envoy, Sharing sharing, ProtocolLimits limits, long nowNanos) {
        this.envoy = envoy;
        this.sharing = sharing;
        this.limits = limits;
        startedNanos = nowNanos;
        for (int i = 0; i < TYPES.length; i++) {
            XdsType type = TYPES[i];
            boolean referredTo = type == XdsType.ENDPOINT || type == XdsType.ROUTE;
            channels[i] = new TypeChannel(type, this, sharing, envoy && referredTo);
        }
    }

    /** Takes what the client is to hold from now on. */
    public void onView(ProxyView next, long nowNanos) {
        // What it has acknowledged of the view before counts, whether anybody looked at its status then or not.
        noteAcknowledged(nowNanos);
        int others = view == null ? ALL : sharing.changed(view.resources(), next.resources());
        for (int bits = others; bits != 0; bits &= bits - 1) {
            TypeChannel channel = channels[Integer.numberOfTrailingZeros(bits)];
            channel.view(next.resources().get(channel.type));
        }
        // Only now: the channels stood where they did at the view before.
        view = next;
    }

    /**
     * The next response to send, which then counts as sent; null if there is none now. Ask again after each request, view, and at {@link
     * #wakeAtNanos}.
     */
    public @Nullable Outgoing poll(long nowNanos) {
        Outgoing unserved = unservedAnswers.poll();
        if (unserved != null) {
            return unserved;
        }
        boolean changed = mayPoll();
        while (changed) {
            changed = false;
            for (TypeChannel channel : channels) {
                if (!standings().mayBeReady(channel.type) && !standings().misses(channel.type)) {
                    continue;
                }
                expireGrace(channel, nowNanos);
                boolean removalsAllowed = removalsAllowed(channel.type, nowNanos);
                if (channel.ready(removalsAllowed) && !waits(channel.type, nowNanos)) {
                    Batch batch = channel.next(new Step.Next(form(channel.type), removalsAllowed, limits.chunkBytes()));
                    if (batch != null) {
                        return send(channel, batch, nowNanos);
                    }
                    // Nothing had to be said after all; what waited for it has to be looked at again.
                    channel.idleSince(nowNanos);
                    changed |= !channel.ready(removalsAllowed);
                }
            }
        }
        return null;
    }

    /** Whether {@link #poll} may have something, now or once time has passed; costs a glance. */
    public boolean mayPoll() {
        return !unservedAnswers.isEmpty() || standings().mayPoll();
    }

    private Outgoing send(TypeChannel channel, Batch batch, long nowNanos) {
        Outgoing response = channel.send(batch, form(channel.type), served(), nowNanos);
        if (channel.type == XdsType.CLUSTER) {
            // Envoy warms a changed cluster and waits for its endpoints, even where they did not change.
            channel(XdsType.ENDPOINT).again(batch);
        }
        return response;
    }

    /** How a response of the type tells. */
    abstract Step.Form form(XdsType type);

    @SuppressWarnings("EnumOrdinal") // as an EnumMap whose values are all there
    final TypeChannel channel(XdsType type) {
        return channels[type.ordinal()];
    }

    @Override
    public final @Nullable Position served() {
        return view == null ? null : view.position();
    }

    @Override
    public final void touched(TypeChannel channel) {
        standings.touched(channel.type);
    }

    private Standings standings() {
        standings.look(channels);
        return standings;
    }

    /**
     * Answers the first request for a type that is not served with nothing, so that the client does not wait for it.
     *
     * @return whether it was the first
     */
    final boolean unserved(String typeUrl, List<String> asked) {
        if (unservedTypes.size() >= MAX_UNSERVED_TYPES || !unservedTypes.add(typeUrl)) {
            return false;
        }
        boolean delta = this instanceof DeltaStream;
        unservedAnswers.add(sharing.responses().unserved(typeUrl, asked, delta));
        return true;
    }

    final void checkNames(int added) throws TooManyNamesException {
        if (added <= 0) {
            return;
        }
        int names = added;
        for (TypeChannel channel : channels) {
            names += channel.names().size();
        }
        if (names > limits.maxNames()) {
            throw new TooManyNamesException(names, limits.maxNames());
        }
    }

    // --- The order of types. ---

    private boolean waits(XdsType type, long nowNanos) {
        return switch (type) {
            // Endpoints may follow their clusters at once, as a stream keeps its order. They have to: once it has
            // started, Envoy acknowledges clusters only when all of them are warm, for which it needs the endpoints.
            case CLUSTER, ENDPOINT, SECRET -> false;
            case LISTENER ->
                holdsUp(XdsType.CLUSTER, nowNanos)
                        || holdsUp(XdsType.ENDPOINT, nowNanos)
                        || awaitsRequests(XdsType.ENDPOINT, nowNanos);
            case ROUTE ->
                holdsUp(XdsType.CLUSTER, nowNanos)
                        || holdsUp(XdsType.ENDPOINT, nowNanos)
                        || holdsUp(XdsType.LISTENER, nowNanos)
                        || awaitsRequests(XdsType.ENDPOINT, nowNanos);
        };
    }

    private boolean holdsUp(XdsType type, long nowNanos) {
        return standings().mayHoldUp(type) && channel(type).inFlight(nowNanos, limits.waveLimit());
    }

    private boolean busy(XdsType type, long nowNanos) {
        return standings().mayHoldUp(type) && channel(type).busy(nowNanos, limits.waveLimit());
    }

    /** Clusters and endpoints go only when no listener or route that the client has may still refer to them. */
    private boolean removalsAllowed(XdsType type, long nowNanos) {
        return switch (type) {
            case CLUSTER ->
                !opening(nowNanos)
                        && !busy(XdsType.ENDPOINT, nowNanos)
                        && !busy(XdsType.LISTENER, nowNanos)
                        && !busy(XdsType.ROUTE, nowNanos);
            case ENDPOINT ->
                !opening(nowNanos)
                        && !busy(XdsType.CLUSTER, nowNanos)
                        && !standings().outstanding(XdsType.CLUSTER)
                        && !busy(XdsType.LISTENER, nowNanos)
                        && !busy(XdsType.ROUTE, nowNanos);
            case LISTENER, ROUTE, SECRET -> true;
        };
    }

    /** A client that comes back has not told yet which listeners it holds. */
    private boolean opening(long nowNanos) {
        return envoy
                && !standings().requested(XdsType.LISTENER)
                && nowNanos - startedNanos < limits.waveLimit().toNanos();
    }

    private boolean awaitsRequests(XdsType type, long nowNanos) {
        if (!standings().misses(type)) {
            return false;
        }
        TypeChannel parent = channel(parentOf(type));
        return parent.requested() && nowNanos < requestsAwaitedUntilNanos(parent);
    }

    /** Until when requests for what the parent refers to are waited for; {@link Long#MAX_VALUE} while the client was not told of it. */
    private long requestsAwaitedUntilNanos(TypeChannel parent) {
        long known = parent.told() ? parent.idleSinceNanos() : parent.inFlightUntilNanos(limits.waveLimit());
        return known == Long.MAX_VALUE ? known : known + limits.subscribeGrace().toNanos();
    }

    private void expireGrace(TypeChannel channel, long nowNanos) {
        if (channel.awaitsRequests()
                && channel(parentOf(channel.type)).told()
                && !awaitsRequests(channel.type, nowNanos)) {
            channel.stopAwaiting();
        }
    }

    private static XdsType parentOf(XdsType type) {
        return type == XdsType.ROUTE ? XdsType.LISTENER : XdsType.CLUSTER;
    }

    /** When waiting ends without any input, so that {@link #poll} must be asked again; {@link Long#MAX_VALUE} if nothing waits. */
    public long wakeAtNanos(long nowNanos) {
        long wake = Long.MAX_VALUE;
        boolean outstanding = standings().outstanding();
        for (XdsType type : TYPES) {
            if (awaitsRequests(type, nowNanos)) {
                wake = Math.min(wake, requestsAwaitedUntilNanos(channel(parentOf(type))));
            }
        }
        if (outstanding && opening(nowNanos)) {
            wake = Math.min(wake, startedNanos + limits.waveLimit().toNanos());
        }
        if (outstanding) {
            for (TypeChannel channel : channels) {
                long until = channel.inFlightUntilNanos(limits.waveLimit());
                if (until > nowNanos) {
                    wake = Math.min(wake, until);
                }
            }
        }
        if (envoy && view != null && missesFirstRequest(nowNanos)) {
            wake = Math.min(wake, startedNanos + limits.firstRequestGrace().toNanos());
        }
        return wake;
    }

    private boolean missesFirstRequest(long nowNanos) {
        return nowNanos - startedNanos < limits.firstRequestGrace().toNanos()
                && (!standings().requested(XdsType.CLUSTER) || !standings().requested(XdsType.LISTENER));
    }

    // --- How it stands. ---

    /** In one word where the client stands now; allocates nothing. */
    public StreamStatus.State state(long nowNanos) {
        Standings now = standings();
        if (now.anyRejected()) {
            return StreamStatus.State.REJECTED;
        }
        if (!now.anyRequested() || view == null || (envoy && missesFirstRequest(nowNanos))) {
            return StreamStatus.State.NOT_SENT;
        }
        return now.anyStale() || awaiting(nowNanos) ? StreamStatus.State.STALE : StreamStatus.State.SYNCED;
    }

    /** Whether the client was sent all that it needs of its view, and has answered, be it by a refusal. */
    public boolean answered(long nowNanos) {
        return view != null
                && !standings().mayHoldUp()
                && !awaiting(nowNanos)
                && !(envoy && missesFirstRequest(nowNanos));
    }

    /** Where the client stands now. */
    public StreamStatus status(long nowNanos) {
        noteAcknowledged(nowNanos);
        List<StreamStatus.TypeState> types = new ArrayList<>(TYPES.length);
        for (TypeChannel channel : channels) {
            if (channel.requested() || channel.type != XdsType.SECRET) {
                types.add(channel.status());
            }
        }
        return new StreamStatus(state(nowNanos), served(), allAcknowledged, types);
    }

    /** Whether {@link #status} would say other than {@code told} of the types, but for what is acknowledged of them; allocates nothing. */
    public boolean differs(List<StreamStatus.TypeState> told) {
        return standings().differs(channels, told);
    }

    private void noteAcknowledged(long nowNanos) {
        Position served = served();
        if (served == null) {
            return;
        }
        StreamStatus.State state = state(nowNanos);
        if (state == StreamStatus.State.SYNCED) {
            allAcknowledged = served;
            return;
        }
        Position least = served;
        for (TypeChannel channel : channels) {
            if (channel.requested()) {
                least = earlier(least, channel.acknowledged(served));
            }
        }
        boolean incomplete = state == StreamStatus.State.NOT_SENT || (envoy && missesFirstRequest(nowNanos));
        if (least != null && !incomplete && !awaiting(nowNanos)) {
            allAcknowledged = later(allAcknowledged, least);
        }
    }

    /** The last response of the type, if the client has not answered it; null otherwise. */
    public @Nullable Unanswered unanswered(XdsType type) {
        return channel(type).unanswered();
    }

    /** What the client was sent of each type, in the order of {@link XdsType}. */
    public List<ServedType> sent() {
        return Arrays.stream(channels).map(TypeChannel::served).toList();
    }

    private boolean awaiting(long nowNanos) {
        return awaitsRequests(XdsType.ENDPOINT, nowNanos) || awaitsRequests(XdsType.ROUTE, nowNanos);
    }

    private static @Nullable Position earlier(@Nullable Position one, @Nullable Position other) {
        return one == null || other == null ? null : one.compareTo(other) <= 0 ? one : other;
    }

    private static Position later(@Nullable Position one, Position other) {
        return one == null || one.compareTo(other) < 0 ? other : one;
    }
}
