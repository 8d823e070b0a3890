package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * One stream and one type: IDLE → IN_FLIGHT(nonce) → IDLE. What the client wants, holds and is due stands in a shared {@link Standing}; here
 * is only what is the stream's own: what is in flight, and what was answered.
 */
final class TypeChannel {
    /** Hears of it before anything changes by which the client stands elsewhere. */
    interface Owner {
        void touched(TypeChannel channel);

        /** The position of what the client is served; null before there is one. */
        @Nullable
        Position served();
    }

    final XdsType type;
    private final Owner owner;
    private final Sharing sharing;

    private Standing standing;
    private boolean requested;
    private boolean viewed;
    private @Nullable String claimed;

    private @Nullable InFlight inFlight;
    private @Nullable String lastNonce;
    private long lastNumber;
    private Set<String> rejected = Set.of();
    private String nack = "";
    private @Nullable Position acknowledged;
    private long idleSinceNanos;
    private StreamStatus.@Nullable TypeState lastState;

    /**
     * A response that is not answered yet.
     *
     * @param whole whether its acknowledgement covers all that the client holds of the type
     * @param complete whether nothing else was due when it went
     */
    private record InFlight(Unanswered sent, Batch batch, boolean whole, boolean complete) {
        long sentAtNanos() {
            return sent.sentAtNanos();
        }
    }

    /** {@code expectsAll}: the client is to ask for all that the view has of this type (endpoints and routes of an Envoy). */
    TypeChannel(XdsType type, Owner owner, Sharing sharing, boolean expectsAll) {
        this.type = type;
        this.owner = owner;
        this.sharing = sharing;
        standing = Standing.initial(type, expectsAll);
    }

    // --- What the client wants. ---

    /** Marks the first request; false if there was one before. */
    boolean request() {
        boolean first = !requested;
        if (first) {
            touch();
            requested = true;
        }
        return first;
    }

    boolean requested() {
        return requested;
    }

    boolean wildcard() {
        return standing.wildcard;
    }

    NameSet names() {
        return standing.names;
    }

    void ask(Step.Ask request) {
        boolean wildcardBefore = standing.wildcard;
        take(request);
        wantsOther(wildcardBefore);
    }

    void want(Step.Want request) {
        boolean wildcardBefore = standing.wildcard;
        take(request);
        wantsOther(wildcardBefore);
    }

    private void wantsOther(boolean wildcardBefore) {
        InFlight flight = inFlight;
        if (!wildcardBefore && standing.wildcard && flight != null) {
            // Its request crossed the response: it may hold what that tells, or may have dropped it.
            take(new Step.Doubt(flight.batch()));
        }
        forgetRejected(wildcardBefore);
    }

    /** What it does not ask for any more it does not reject any more. */
    private void forgetRejected(boolean wildcardBefore) {
        if (!rejected.isEmpty()) {
            boolean narrowed = wildcardBefore && !standing.wildcard;
            rejected.removeIf(name -> name.isEmpty() ? narrowed : !standing.considers(name));
        }
    }

    /** Before each change. Until now it was settled, if it was, at every position that was served. */
    private void touch() {
        acknowledged = acknowledged(owner.served());
        owner.touched(this);
    }

    private Step.Outcome take(Step step) {
        touch();
        Step.Outcome outcome = sharing.steps().take(standing, step);
        standing = outcome.after();
        return outcome;
    }

    /** The client says that it holds a set with this fingerprint. */
    void claims(String fingerprint) {
        touch();
        claimed = fingerprint;
    }

    /** Once it is known what is current: if that is what the client claims to hold, nothing of it is due. */
    private void judgeClaim() {
        touch();
        String fingerprint = claimed;
        claimed = null;
        if (standing.recognisable() && fingerprint().equals(fingerprint)) {
            standing = standing.settled();
        }
    }

    private String fingerprint() {
        return Fingerprint.text(sharing.differences().sum(standing.current));
    }

    // --- What there is. ---

    @SuppressWarnings("ReferenceEquality") // the same map has the same content; a copy costs a comparison, no more
    void view(@Nullable PSortedMap<String, XdsResource> next) {
        PSortedMap<String, XdsResource> map = next == null || next.isEmpty() ? Standing.NOTHING : next;
        if (!viewed) {
            touch();
            viewed = true;
        }
        if (map != standing.current) {
            take(new Step.View(map));
        }
    }

    /** What a batch changed must be sent again here although it did not change. */
    void again(Batch batch) {
        if (!batch.changed().isEmpty() && (standing.wildcard || !standing.names.isEmpty())) {
            take(new Step.Again(batch));
        }
    }

    // --- What goes out. ---

    /** True if something may be sent, as far as this type alone can tell. */
    boolean ready(boolean removalsAllowed) {
        if (claimed != null && requested && viewed) {
            judgeClaim();
        }
        return requested
                && viewed
                && inFlight == null
                && (standing.answerOwed
                        || !standing.due.isEmpty()
                        || (removalsAllowed && !standing.removals.isEmpty()));
    }

    /** What the next response has to say; null if nothing after all. Call only if {@link #ready}. */
    @Nullable
    Batch next(Step.Next step) {
        Step.Outcome outcome = take(step);
        if (!rejected.isEmpty()) {
            outcome.gone().forEach(rejected::remove);
        }
        return outcome.batch();
    }

    /**
     * The response that says {@code batch}, which is in flight from now on.
     *
     * @param form if COMPLETE, it has everything that the client is to hold of the type, and its version says so where it can: any gateway
     *     recognises a client that comes back with it
     */
    Outgoing send(Batch batch, Step.Form form, @Nullable Position position, long nowNanos) {
        // What was due is not any more, and not in flight yet: it must not be taken for acknowledged.
        owner.touched(this);
        boolean whole = form == Step.Form.COMPLETE;
        boolean tellsContent = whole && standing.recognisable() && standing.removals.isEmpty() && rejected.isEmpty();
        Outgoing.Stamp stamp =
                tellsContent ? new Outgoing.Stamp(fingerprint(), null) : new Outgoing.Stamp(null, position);
        Outgoing response = sharing.response(batch, form == Step.Form.DELTA, stamp, lastNumber);
        lastNumber = response.number();
        lastNonce = response.nonce();
        boolean complete = standing.due.isEmpty() && standing.removals.isEmpty();
        inFlight = new InFlight(new Unanswered(response, position, nowNanos), batch, whole, complete);
        return response;
    }

    // --- What the client answered. ---

    @Nullable
    String lastNonce() {
        return lastNonce;
    }

    boolean awaitsAnswer() {
        return inFlight != null;
    }

    /** The response in flight, if there is one. */
    @Nullable
    Unanswered unanswered() {
        InFlight flight = inFlight;
        return flight == null ? null : flight.sent();
    }

    /** Takes an acknowledgement, or a refusal with its text; {@link Heard#NOTHING} if nothing of that nonce is in flight. */
    Heard answered(String nonce, @Nullable String refusal, long nowNanos) {
        InFlight flight = inFlight;
        if (flight == null || !flight.sent().response().nonce().equals(nonce)) {
            return Heard.NOTHING;
        }
        touch();
        inFlight = null;
        idleSinceNanos = nowNanos;
        if (refusal != null) {
            refused(flight.batch(), refusal);
            return new Heard.Refused(type, flight.sent(), refusal);
        }
        accepted(flight);
        return new Heard.Acknowledged(type, flight.sent());
    }

    private void accepted(InFlight flight) {
        if (!rejected.isEmpty()) {
            if (flight.whole()) {
                rejected.clear();
            } else {
                flight.batch().told().forEach(rejected::remove);
                rejected.remove("");
            }
        }
        if (rejected.isEmpty()) {
            rejected = Set.of();
            nack = "";
            Position position = flight.sent().position();
            if (flight.complete() && position != null) {
                acknowledged = position;
            }
        }
    }

    /** What was refused counts as sent: the same bytes are not sent in a loop. */
    private void refused(Batch batch, String refusal) {
        if (rejected.isEmpty()) {
            rejected = new HashSet<>();
        }
        batch.told().stream().filter(standing::considers).forEach(rejected::add);
        if (batch.told().isEmpty()) {
            rejected.add("");
        }
        nack = refusal;
    }

    // --- How it stands. ---

    /** What the client was sent, and what there is beside that, by name. */
    ServedType served() {
        TreeMap<String, ServedType.Item> items = new TreeMap<>();
        standing.current.forEach(
                (name, resource) -> items.put(name, new ServedType.Item(resource, StreamStatus.State.NOT_SENT)));
        InFlight flight = inFlight;
        Set<String> unanswered =
                flight == null ? Set.of() : Set.copyOf(flight.batch().told());
        standing.held.forEach((name, resource) -> {
            if (standing.considers(name)) {
                StreamStatus.State state = rejected.contains(name)
                        ? StreamStatus.State.REJECTED
                        : unanswered.contains(name) ? StreamStatus.State.STALE : StreamStatus.State.SYNCED;
                items.put(name, new ServedType.Item(resource, state));
            }
        });
        return new ServedType(type, List.copyOf(items.values()));
    }

    /** All that there is was told and answered; removals may still wait for others. */
    boolean told() {
        return viewed && requested && inFlight == null && !standing.answerOwed && standing.due.isEmpty();
    }

    boolean settled() {
        return viewed && requested && inFlight == null && !standing.outstanding();
    }

    StreamStatus.State state() {
        if (!requested || !viewed) {
            return StreamStatus.State.NOT_SENT;
        }
        if (!rejected.isEmpty()) {
            return StreamStatus.State.REJECTED;
        }
        return settled() ? StreamStatus.State.SYNCED : StreamStatus.State.STALE;
    }

    /** The largest position up to which all of the type was acknowledged; {@code served} as long as nothing is outstanding. */
    @Nullable
    Position acknowledged(@Nullable Position served) {
        return served != null && settled() && rejected.isEmpty() ? served : acknowledged;
    }

    /** The same object as long as nothing of it changed. */
    StreamStatus.TypeState status() {
        StreamStatus.TypeState next = new StreamStatus.TypeState(
                type, state(), acknowledged(owner.served()), nack, requested ? standing.resources() : 0);
        if (!next.equals(lastState)) {
            lastState = next;
        }
        return lastState == null ? next : lastState;
    }

    /** Whether {@link #status} would say other than {@code told} of more than what is acknowledged. */
    boolean differs(StreamStatus.TypeState told) {
        return told.type() != type
                || told.state() != state()
                || told.resources() != (requested ? standing.resources() : 0);
    }

    /** Whether others have to wait for this type: a response in flight for less than {@code limit}, or one that has yet to go. */
    boolean busy(long nowNanos, Duration limit) {
        if (!requested) {
            return false;
        }
        InFlight flight = inFlight;
        return flight == null
                ? standing.answerOwed || !standing.due.isEmpty()
                : nowNanos - flight.sentAtNanos() < limit.toNanos();
    }

    /** Whether a response in flight holds others up. */
    boolean inFlight(long nowNanos, Duration limit) {
        InFlight flight = inFlight;
        return flight != null && nowNanos - flight.sentAtNanos() < limit.toNanos();
    }

    /** When the response in flight stops holding others up; {@link Long#MAX_VALUE} if there is none. */
    long inFlightUntilNanos(Duration limit) {
        InFlight flight = inFlight;
        return flight == null ? Long.MAX_VALUE : flight.sentAtNanos() + limit.toNanos();
    }

    boolean outstanding() {
        return standing.outstanding();
    }

    /** Whether it may be {@link #ready}, if removals are allowed. */
    boolean mayBeReady() {
        return claimed != null || (requested && viewed && inFlight == null && standing.outstanding());
    }

    /** Whether it may be {@link #busy} or {@link #inFlight}: a matter of time from then on. */
    boolean mayHoldUp() {
        return inFlight != null || standing.answerOwed || !standing.due.isEmpty();
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    boolean awaitsRequests() {
        return !standing.unrequested.isEmpty();
    }

    void stopAwaiting() {
        take(new Step.StopAwaiting());
    }
}
