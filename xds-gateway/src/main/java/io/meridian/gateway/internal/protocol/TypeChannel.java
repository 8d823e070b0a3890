package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * One stream and one type: IDLE → IN_FLIGHT(nonce) → IDLE. What the client wants, holds and is due stands in a shared {@link Standing}; here
 * is only what is the stream's own: what is in flight, and what was answered.
 */
final class TypeChannel {
    final XdsType type;
    private final Sharing sharing;

    private Standing standing;
    private boolean requested;
    private boolean viewed;
    private @Nullable Claim claim;
    private boolean claimOpen;
    private final HeldContent content;
    /** Of the last response; see {@link Claim}. */
    private int turn;
    /** Whether the version of the last response tells what the client holds, and what it tells. */
    private boolean contentTold;

    private long toldContent;
    /** Whether a response went, on this stream or an earlier one. */
    private boolean answeredOnce;

    private @Nullable InFlight inFlight;
    private @Nullable String lastNonce;
    private long lastNumber;
    private Set<String> rejected = Set.of();
    private Map<String, String> withheld = Map.of();
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
    private record InFlight(
            String nonce,
            Batch batch,
            boolean whole,
            boolean complete,
            @Nullable Position position,
            long sentAtNanos) {}

    /** {@code expectsAll}: the client is to ask for all that the view has of this type (endpoints and routes of an Envoy). */
    TypeChannel(XdsType type, Sharing sharing, boolean expectsAll) {
        this.type = type;
        this.sharing = sharing;
        standing = Standing.initial(type, expectsAll);
        content = new HeldContent(sharing.differences());
    }

    // --- What the client wants. ---

    /** Marks the first request; false if there was one before. */
    boolean request() {
        boolean first = !requested;
        requested = true;
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
        forgetRejected(wildcardBefore);
    }

    void want(Step.Want request) {
        boolean wildcardBefore = standing.wildcard;
        take(request);
        forgetRejected(wildcardBefore);
    }

    /** What it does not ask for any more it does not reject any more. */
    private void forgetRejected(boolean wildcardBefore) {
        if (!rejected.isEmpty()) {
            boolean narrowed = wildcardBefore && !standing.wildcard;
            rejected.removeIf(name -> name.isEmpty() ? narrowed : !standing.considers(name));
        }
    }

    private Step.Outcome take(Step step) {
        Step.Outcome outcome = sharing.steps().take(standing, step);
        standing = outcome.after();
        return outcome;
    }

    // --- What it says that it has from an earlier stream. ---

    /** Nothing of the type is sent before it is judged whether that is so. */
    void claims(Claim claimed) {
        claim = claimed;
        claimOpen = true;
        turn = Math.max(claimed.turn(), 0);
    }

    /** Null if it said nothing. */
    @Nullable
    Claim claim() {
        return claim;
    }

    /** Whether there is something to judge, and enough is known to do so. */
    boolean claimToJudge() {
        return claimOpen && requested && viewed;
    }

    /** Whether what it says that it has is what is current. */
    boolean claimIsCurrent() {
        return claim != null
                && claim.turn() != Claim.NO_TURN
                && standing.recognisable()
                && Fingerprint.text(content.of(standing)).equals(claim.content());
    }

    /**
     * The next response's number is another than the one that the client has of the dependent type, which is ahead where it refused
     * something; null if that is not known.
     */
    void countsOn(@Nullable Integer followed) {
        turn = followed == null ? (turn + Claim.TURNS / 2) % Claim.TURNS : Math.max(followed, 0);
    }

    /** {@code believed}: it holds what is current, so nothing is due. */
    void judged(boolean believed) {
        claimOpen = false;
        answeredOnce |= claim != null;
        contentTold = believed;
        if (believed) {
            standing = standing.settled();
            toldContent = content.of(standing);
        }
    }

    // --- What there is. ---

    @SuppressWarnings("ReferenceEquality") // the same map has the same content; a copy costs a comparison, no more
    void view(@Nullable PSortedMap<String, XdsResource> next, Map<String, String> withheldFor) {
        withheld = withheldFor;
        PSortedMap<String, XdsResource> map = next == null || next.isEmpty() ? Standing.NOTHING : next;
        viewed = true;
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
        return requested
                && viewed
                && !claimOpen
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
        Batch batch = outcome.batch();
        return batch == null || step.form() != Step.Form.COMPLETE || rejected.isEmpty() ? batch : withRefused(batch);
    }

    /** What was refused before and is in it again may be new to the client. */
    private Batch withRefused(Batch batch) {
        List<XdsResource> changed = batch.resources().stream()
                .filter(resource ->
                        rejected.contains(resource.name()) || batch.changed().contains(resource))
                .toList();
        return new Batch(batch.type(), batch.resources(), batch.removed(), changed);
    }

    /**
     * Whether the client's version is to be brought up to date, by a response that has nothing else: it carries another number than {@code
     * followed}, or tells of what the client refused or asks for no more, or does not tell although nothing is refused any more.
     */
    boolean versionDue(int followed) {
        return answeredOnce
                && standing.recognisable()
                && !type.completeInStateOfTheWorld()
                && !standing.names.isEmpty()
                && inFlight == null
                && !claimOpen
                && !standing.outstanding()
                && (turn != followed
                        || contentTold != rejected.isEmpty()
                        || (contentTold && toldContent != content.of(standing)));
    }

    /** Of the last response, or of what the client claims. */
    int turn() {
        return turn;
    }

    /**
     * The response that says {@code batch}, which is in flight from now on.
     *
     * @param form if COMPLETE, it has everything that the client is to hold of the type. In the state of the world its version tells, where
     *     it can, what the client holds with it: any gateway recognises a client that comes back with it
     * @param followed the number of the last response of the type that this one refers to
     */
    Outgoing send(Batch batch, Step.Form form, int followed, @Nullable Position position, long nowNanos) {
        boolean whole = form == Step.Form.COMPLETE;
        Outgoing response =
                sharing.response(batch, form == Step.Form.DELTA, stamp(form, followed, position), lastNumber);
        lastNumber = response.number();
        lastNonce = response.nonce();
        boolean complete = standing.due.isEmpty() && standing.removals.isEmpty();
        inFlight = new InFlight(response.nonce(), batch, whole, complete, position, nowNanos);
        return response;
    }

    private Outgoing.Stamp stamp(Step.Form form, int followed, @Nullable Position position) {
        answeredOnce = true;
        if (form == Step.Form.DELTA) {
            return new Outgoing.Stamp(null, position, Outgoing.Stamp.NO_TURN);
        }
        boolean whole = form == Step.Form.COMPLETE;
        turn = whole ? Claim.after(turn) : followed;
        contentTold = standing.recognisable()
                && standing.due.isEmpty()
                && standing.removals.isEmpty()
                && (whole || rejected.isEmpty());
        if (!contentTold) {
            return new Outgoing.Stamp(null, position, turn);
        }
        toldContent = content.of(standing);
        return new Outgoing.Stamp(Fingerprint.text(toldContent), null, turn);
    }

    // --- What the client answered. ---

    @Nullable
    String lastNonce() {
        return lastNonce;
    }

    boolean awaitsAnswer() {
        return inFlight != null;
    }

    /** Takes an acknowledgement or a refusal, of what is in flight; passed over if it is of anything else. */
    Heard answered(String nonce, @Nullable String refusal, long nowNanos) {
        InFlight flight = inFlight;
        if (flight == null || !flight.nonce().equals(nonce)) {
            return Heard.NOTHING;
        }
        inFlight = null;
        idleSinceNanos = nowNanos;
        if (refusal != null) {
            refused(flight.batch(), refusal);
            return new Heard.Refused(type, refusal);
        }
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
            if (flight.complete() && flight.position() != null && withheldFor() == null) {
                acknowledged = flight.position();
            }
        }
        return new Heard.Acknowledged(type, flight.batch().changed(), !rejected.isEmpty());
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

    /** Why something that it asks for is older than it should be; null if nothing is. */
    private @Nullable String withheldFor() {
        for (Map.Entry<String, String> each : withheld.entrySet()) {
            if (standing.considers(each.getKey())) {
                return each.getValue();
            }
        }
        return null;
    }

    private String words() {
        String why = rejected.isEmpty() ? withheldFor() : nack;
        return why == null ? "" : why;
    }

    boolean settled() {
        return viewed && requested && inFlight == null && !standing.outstanding();
    }

    StreamStatus.State state() {
        if (!requested || !viewed) {
            return StreamStatus.State.NOT_SENT;
        }
        if (!rejected.isEmpty() || withheldFor() != null) {
            return StreamStatus.State.REJECTED;
        }
        return settled() ? StreamStatus.State.SYNCED : StreamStatus.State.STALE;
    }

    /** Advances with each position at which nothing is outstanding. */
    @Nullable
    Position acknowledged(Position served) {
        if (settled() && rejected.isEmpty() && withheldFor() == null) {
            acknowledged = served;
        }
        return acknowledged;
    }

    /** The same object as long as nothing of it changed. */
    StreamStatus.TypeState status(@Nullable Position ofType) {
        StreamStatus.TypeState next =
                new StreamStatus.TypeState(type, state(), ofType, words(), requested ? standing.resources() : 0);
        if (!next.equals(lastState)) {
            lastState = next;
        }
        return lastState == null ? next : lastState;
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
