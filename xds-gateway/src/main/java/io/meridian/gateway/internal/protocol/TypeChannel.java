package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What one stream holds of one type, and what is due to it: IDLE → IN_FLIGHT(nonce) → IDLE. While a response is in flight, changes only
 * add to {@code due}; the latest wins.
 *
 * <p>Invariant: for a name that the stream subscribes to, {@code held} has what was last sent of it, or nothing; for any other name what
 * {@code held} says is meaningless. So a stream that got everything shares {@code held} with the view and with all other streams of its
 * group, and a push costs what changed, not what there is.
 */
final class TypeChannel {
    private static final PSortedMap<String, XdsResource> EMPTY = TreePMap.empty();
    private static final int UNKNOWN = -1;

    final XdsType type;
    private final Differences differences;
    private final boolean expectsAll;

    private boolean requested;
    private boolean wildcard;
    private boolean everNamed;
    private final Set<String> names = new HashSet<>();

    private boolean viewed;
    private PSortedMap<String, XdsResource> held = EMPTY;
    private PSortedMap<String, XdsResource> current = EMPTY;
    /** Names to look at before the next response; true: answer even if the client holds what is current. */
    private final LinkedHashMap<String, Boolean> due = new LinkedHashMap<>();
    /** Names that the client holds and that are gone; told last, once nothing refers to them any more. */
    private final LinkedHashSet<String> removals = new LinkedHashSet<>();
    /** Whether a response is owed even if it is empty. */
    private boolean answerOwed;
    /** Names of the view that the client was never heard to ask for; see {@link ProtocolLimits#subscribeGrace}. */
    private final Set<String> unrequested = new HashSet<>();

    private @Nullable InFlight inFlight;
    private @Nullable String lastNonce;
    private final Set<String> rejected = new HashSet<>();
    private String nack = "";
    private @Nullable Position acknowledged;
    private long idleSinceNanos;

    private int count = UNKNOWN;
    private @Nullable String claimed;

    /**
     * A response that is not answered yet.
     *
     * @param names what it told of
     * @param whole whether its acknowledgement covers all that the client holds of the type
     * @param complete whether nothing else was due when it went
     */
    private record InFlight(
            String nonce,
            List<String> names,
            boolean whole,
            boolean complete,
            @Nullable Position position,
            long sentAtNanos) {}

    /** What has to be sent, with {@code changed} being those of the resources that the client did not hold in that version. */
    record Batch(List<XdsResource> resources, List<String> removed, List<String> changed) {}

    /** {@code expectsAll}: the client is to ask for all that the view has of this type (endpoints and routes of an Envoy). */
    TypeChannel(XdsType type, Differences differences, boolean expectsAll) {
        this.type = type;
        this.differences = differences;
        this.expectsAll = expectsAll;
    }

    // --- What the client wants. ---

    boolean considers(String name) {
        return wildcard || names.contains(name);
    }

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
        return wildcard;
    }

    boolean everNamed() {
        return everNamed;
    }

    void markNamed() {
        everNamed = true;
    }

    Set<String> names() {
        return names;
    }

    /** Everything there is, from now on. What the client holds by name it still holds. */
    void subscribeAll() {
        if (wildcard) {
            return;
        }
        PSortedMap<String, XdsResource> kept = EMPTY;
        for (String name : names) {
            XdsResource resource = held.get(name);
            if (resource != null) {
                kept = kept.plus(name, resource);
            }
        }
        held = kept;
        wildcard = true;
        current.keySet().forEach(name -> due.putIfAbsent(name, false));
        unrequested.clear();
    }

    void unsubscribeAll() {
        if (!wildcard) {
            return;
        }
        wildcard = false;
        due.keySet().retainAll(names);
        removals.retainAll(names);
        rejected.retainAll(names);
    }

    /** Sent, or denied, even if the client held it: it may have dropped it. */
    void subscribe(String asked) {
        XdsResource known = current.get(asked);
        // The view's own string: thousands of streams name the same resources.
        String name = known == null ? asked : known.name();
        note(name, null);
        names.add(name);
        count = UNKNOWN;
        unrequested.remove(name);
        due.put(name, true);
    }

    /** {@code answer}: tell what holds for the name now, since a wildcard still covers it. */
    void unsubscribe(String name, boolean answer) {
        names.remove(name);
        count = UNKNOWN;
        if (wildcard) {
            if (answer) {
                due.put(name, true);
            }
        } else {
            due.remove(name);
            removals.remove(name);
            rejected.remove(name);
        }
    }

    /** What the client says it holds from an earlier stream. */
    void holds(String name, String version) {
        if (considers(name)) {
            XdsResource known = current.get(name);
            note(name, known != null && known.version().equals(version) ? known : Placeholder.of(type, name, version));
            due.put(name, false);
        }
    }

    /** The client says that it holds a set with this fingerprint. */
    void claims(String fingerprint) {
        claimed = fingerprint;
    }

    /** Once it is known what is current: if that is what the client claims to hold, nothing of it is due. */
    private void judgeClaim() {
        String fingerprint = claimed;
        claimed = null;
        if (fingerprint == null || !recognisable() || !fingerprint.equals(fingerprint())) {
            return;
        }
        held = current;
        due.clear();
        answerOwed = false;
    }

    /** Whether a client's version tells for sure what it holds: of a name that it drops and asks for again it does not. */
    private boolean recognisable() {
        return type.completeInStateOfTheWorld() && wildcard && !everNamed;
    }

    private String fingerprint() {
        return Fingerprint.text(differences.sum(current));
    }

    void oweAnswer() {
        answerOwed = true;
    }

    /** Notes what the client holds of a name that it subscribes to. */
    private void note(String name, @Nullable XdsResource resource) {
        held = resource == null ? held.minus(name) : held.plus(name, resource);
    }

    // --- What there is. ---

    @SuppressWarnings("ReferenceEquality") // the same map has the same content; a copy costs a comparison, no more
    void view(@Nullable PSortedMap<String, XdsResource> next) {
        PSortedMap<String, XdsResource> map = next == null ? EMPTY : next;
        viewed = true;
        if (map == current) {
            return;
        }
        for (String name : differences.between(current, map)) {
            boolean exists = map.containsKey(name);
            boolean existed = current.containsKey(name);
            if (exists != existed) {
                count = UNKNOWN;
            }
            if (considers(name)) {
                due.putIfAbsent(name, false);
                if (exists) {
                    removals.remove(name);
                }
            } else if (!exists) {
                unrequested.remove(name);
            } else if (expectsAll && !existed) {
                unrequested.add(name);
            }
        }
        current = map;
    }

    /** The name's resource must be sent again although it did not change. */
    void again(String name) {
        if (considers(name) && current.containsKey(name)) {
            due.put(name, true);
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
                && (answerOwed || !due.isEmpty() || (removalsAllowed && !removals.isEmpty()));
    }

    /** The next delta response; null if nothing has to be sent after all. Call only if {@link #ready}. */
    @Nullable
    Batch nextDelta(boolean removalsAllowed, int chunkBytes) {
        List<XdsResource> send = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        int bytes = 0;
        for (Iterator<Map.Entry<String, Boolean>> names = due.entrySet().iterator(); names.hasNext(); ) {
            Map.Entry<String, Boolean> entry = names.next();
            String name = entry.getKey();
            XdsResource wanted = current.get(name);
            if (wanted == null) {
                if (bytes > chunkBytes) {
                    break;
                }
                if (entry.getValue()) {
                    removed.add(name);
                    bytes += name.length();
                } else if (held.get(name) != null) {
                    removals.add(name);
                }
            } else if (entry.getValue() || !holdsVersion(wanted)) {
                if (bytes > 0 && bytes + wanted.delta().size() > chunkBytes) {
                    break;
                }
                bytes += wanted.delta().size();
                if (!holdsVersion(wanted)) {
                    changed.add(name);
                }
                send.add(wanted);
            }
            names.remove();
        }
        if (removalsAllowed && due.isEmpty()) {
            removed.addAll(removals);
            removals.clear();
        }
        return finish(send, removed, changed);
    }

    /** The next state-of-the-world response of a type that may be told in parts; null if nothing has to be sent after all. */
    @Nullable
    Batch nextPart(int chunkBytes) {
        List<XdsResource> send = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        int bytes = 0;
        for (Iterator<Map.Entry<String, Boolean>> names = due.entrySet().iterator(); names.hasNext(); ) {
            Map.Entry<String, Boolean> entry = names.next();
            XdsResource wanted = current.get(entry.getKey());
            if (wanted == null) {
                // There is no way to say so; the client drops it with what referred to it.
                gone.add(entry.getKey());
                rejected.remove(entry.getKey());
            } else if (entry.getValue() || !holdsVersion(wanted)) {
                if (bytes > 0 && bytes + wanted.any().size() > chunkBytes) {
                    break;
                }
                bytes += wanted.any().size();
                if (!holdsVersion(wanted)) {
                    changed.add(wanted.name());
                }
                send.add(wanted);
            }
            names.remove();
        }
        gone.forEach(name -> note(name, null));
        return finish(send, List.of(), changed);
    }

    /** The next state-of-the-world response of a type of which absence deletes; null if nothing has to be sent after all. */
    @Nullable
    Batch nextComplete(boolean removalsAllowed) {
        List<XdsResource> updates = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        boolean answer = answerOwed;
        for (Map.Entry<String, Boolean> entry : due.entrySet()) {
            XdsResource wanted = current.get(entry.getKey());
            answer |= entry.getValue();
            if (wanted == null) {
                if (held.get(entry.getKey()) != null) {
                    removals.add(entry.getKey());
                }
            } else if (!holdsVersion(wanted)) {
                updates.add(wanted);
                changed.add(entry.getKey());
            }
        }
        due.clear();
        List<String> removed = removalsAllowed ? List.copyOf(removals) : List.of();
        List<XdsResource> retained = removalsAllowed
                ? List.of()
                : removals.stream().map(this::heldResource).toList();
        if (removalsAllowed) {
            removals.clear();
        }
        if (!answer && updates.isEmpty() && removed.isEmpty()) {
            finish(List.of(), List.of(), changed);
            return null;
        }
        List<XdsResource> all = new ArrayList<>();
        if (wildcard) {
            all.addAll(current.values());
        } else {
            names.stream().sorted().map(current::get).forEach(resource -> {
                if (resource != null) {
                    all.add(resource);
                }
            });
        }
        all.addAll(retained);
        answerOwed = true;
        finish(updates, removed, changed);
        return new Batch(all, List.of(), changed);
    }

    private XdsResource heldResource(String name) {
        XdsResource resource = held.get(name);
        if (resource == null) {
            throw new IllegalStateException("a removal is due of " + name + ", which the client does not hold");
        }
        return resource;
    }

    private boolean holdsVersion(XdsResource wanted) {
        XdsResource other = held.get(wanted.name());
        return other != null && other.version().equals(wanted.version());
    }

    private @Nullable Batch finish(List<XdsResource> sent, List<String> removed, List<String> changed) {
        sent.forEach(resource -> note(resource.name(), resource));
        removed.forEach(name -> note(name, null));
        if (due.isEmpty() && removals.isEmpty()) {
            held = current;
        }
        boolean nothing = sent.isEmpty() && removed.isEmpty() && !answerOwed;
        answerOwed = false;
        return nothing ? null : new Batch(sent, removed, changed);
    }

    /** {@code whole}: the response has everything that the client is to hold of the type. */
    void sent(String nonce, Batch batch, boolean whole, @Nullable Position position, long nowNanos) {
        List<String> told = new ArrayList<>(batch.removed());
        batch.resources().forEach(resource -> told.add(resource.name()));
        lastNonce = nonce;
        inFlight = new InFlight(nonce, told, whole, due.isEmpty() && removals.isEmpty(), position, nowNanos);
    }

    /**
     * Of the response that was just made: over all that the client is to hold, so that any gateway recognises a client that comes back with
     * it; otherwise {@code unique}.
     */
    String version(String unique) {
        return recognisable() && removals.isEmpty() && rejected.isEmpty() ? fingerprint() : unique;
    }

    // --- What the client answered. ---

    @Nullable
    String lastNonce() {
        return lastNonce;
    }

    boolean awaitsAnswer() {
        return inFlight != null;
    }

    /** Takes an acknowledgement or a refusal; false if nothing of that nonce is in flight. */
    boolean answered(String nonce, @Nullable String refusal, long nowNanos) {
        InFlight flight = inFlight;
        if (flight == null || !flight.nonce().equals(nonce)) {
            return false;
        }
        inFlight = null;
        idleSinceNanos = nowNanos;
        if (refusal != null) {
            // What was refused counts as sent: the same bytes are not sent in a loop.
            flight.names().stream().filter(this::considers).forEach(rejected::add);
            if (flight.names().isEmpty()) {
                rejected.add("");
            }
            nack = refusal;
            return true;
        }
        if (flight.whole()) {
            rejected.clear();
        } else {
            flight.names().forEach(rejected::remove);
            rejected.remove("");
        }
        if (rejected.isEmpty()) {
            nack = "";
            if (flight.complete() && flight.position() != null) {
                acknowledged = flight.position();
            }
        }
        return true;
    }

    // --- How it stands. ---

    boolean viewed() {
        return viewed;
    }

    boolean rejecting() {
        return !rejected.isEmpty();
    }

    String nack() {
        return nack;
    }

    /** Number of resources that the client is to hold. */
    int resources() {
        if (wildcard) {
            return current.size();
        }
        if (count == UNKNOWN) {
            count = (int) names.stream().filter(current::containsKey).count();
        }
        return count;
    }

    /** What the client was sent, and what there is beside that, by name. */
    ServedType served() {
        TreeMap<String, ServedType.Item> items = new TreeMap<>();
        current.forEach(
                (name, resource) -> items.put(name, new ServedType.Item(resource, StreamStatus.State.NOT_SENT)));
        InFlight flight = inFlight;
        Set<String> unanswered = flight == null ? Set.of() : Set.copyOf(flight.names());
        held.forEach((name, resource) -> {
            if (considers(name)) {
                StreamStatus.State state = rejected.contains(name)
                        ? StreamStatus.State.REJECTED
                        : unanswered.contains(name) ? StreamStatus.State.STALE : StreamStatus.State.SYNCED;
                items.put(name, new ServedType.Item(resource, state));
            }
        });
        return new ServedType(type, List.copyOf(items.values()));
    }

    boolean settled() {
        return viewed && requested && !answerOwed && inFlight == null && due.isEmpty() && removals.isEmpty();
    }

    /** Advances with each position at which nothing is outstanding. */
    @Nullable
    Position acknowledged(Position served) {
        if (settled() && rejected.isEmpty()) {
            acknowledged = served;
        }
        return acknowledged;
    }

    /** Whether others have to wait for this type: a response in flight for less than {@code limit}, or one that has yet to go. */
    boolean busy(long nowNanos, Duration limit) {
        if (!requested) {
            return false;
        }
        InFlight flight = inFlight;
        return flight == null ? answerOwed || !due.isEmpty() : nowNanos - flight.sentAtNanos() < limit.toNanos();
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
        return answerOwed || !due.isEmpty() || !removals.isEmpty();
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void idleSince(long nowNanos) {
        idleSinceNanos = nowNanos;
    }

    boolean awaitsRequests() {
        return !unrequested.isEmpty();
    }

    void stopAwaiting() {
        unrequested.clear();
    }
}
