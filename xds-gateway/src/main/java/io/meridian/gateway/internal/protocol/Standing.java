package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.PSortedSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * What a client wants of one type, what it holds of it, what there is and what is due. Immutable; streams that stand alike share one object
 * or equal ones, so that what happens to all of them is computed once ({@link Steps}).
 *
 * <p>Invariant: for a name that the stream subscribes to, {@link #held} has what was last sent of it, or nothing; for any other name what
 * {@code held} says is meaningless. A stream that got everything has {@code held == current}.
 *
 * <p>Two are equal if their parts are the same objects; parts with the same content that are not the same objects make them different,
 * which costs a computation and no more.
 */
// Identity is the point: to compare by content is what this class is there to avoid.
@SuppressWarnings("ReferenceEquality")
final class Standing {
    static final PSortedMap<String, XdsResource> NOTHING = TreePMap.empty();
    static final PSortedMap<String, Boolean> NOTHING_DUE = TreePMap.empty();
    static final PSortedSet<String> NO_NAMES = TreePSet.empty();

    static final int UNKNOWN = -1;

    final XdsType type;
    /** The client is to ask for all that there is of this type (endpoints and routes of an Envoy). */
    final boolean expectsAll;

    final boolean wildcard;
    /** Whether the stream ever named a resource of the type; counts in the state of the world only. */
    final boolean everNamed;

    final NameSet names;
    final PSortedMap<String, XdsResource> held;
    final PSortedMap<String, XdsResource> current;
    /** Names to look at before the next response; true: answer even if the client holds what is current. */
    final PSortedMap<String, Boolean> due;
    /** Names that the client holds and that are gone; told last, once nothing refers to them any more. */
    final PSortedSet<String> removals;
    /** Names of the view that the client was never heard to ask for; see {@link ProtocolLimits#subscribeGrace}. */
    final PSortedSet<String> unrequested;
    /** Whether a response is owed even if it is empty. */
    final boolean answerOwed;

    private final int hash;
    /** Of the names, how many there are: computed when first asked for, by whoever asks, unless it is known from the standing before. */
    private int count;

    private Standing(XdsType type, boolean expectsAll) {
        this(
                type,
                expectsAll,
                false,
                false,
                NameSet.EMPTY,
                NOTHING,
                NOTHING,
                NOTHING_DUE,
                NO_NAMES,
                NO_NAMES,
                false,
                0);
    }

    Standing(
            XdsType type,
            boolean expectsAll,
            boolean wildcard,
            boolean everNamed,
            NameSet names,
            PSortedMap<String, XdsResource> held,
            PSortedMap<String, XdsResource> current,
            PSortedMap<String, Boolean> due,
            PSortedSet<String> removals,
            PSortedSet<String> unrequested,
            boolean answerOwed,
            int count) {
        this.type = type;
        this.expectsAll = expectsAll;
        this.wildcard = wildcard;
        this.everNamed = everNamed;
        this.names = names;
        this.held = held.isEmpty() ? NOTHING : held;
        this.current = current.isEmpty() ? NOTHING : current;
        this.due = due.isEmpty() ? NOTHING_DUE : due;
        this.removals = removals.isEmpty() ? NO_NAMES : removals;
        this.unrequested = unrequested.isEmpty() ? NO_NAMES : unrequested;
        this.answerOwed = answerOwed;
        this.count = count;
        int sum = type.hashCode();
        sum = sum * 31 + System.identityHashCode(names);
        sum = sum * 31 + System.identityHashCode(this.held);
        sum = sum * 31 + System.identityHashCode(this.current);
        sum = sum * 31 + System.identityHashCode(this.due);
        sum = sum * 31 + System.identityHashCode(this.removals);
        sum = sum * 31 + System.identityHashCode(this.unrequested);
        sum = sum * 31 + (expectsAll ? 1 : 0) + (wildcard ? 2 : 0) + (everNamed ? 4 : 0) + (answerOwed ? 8 : 0);
        hash = sum;
    }

    /** Of a client that was not heard yet. */
    static Standing initial(XdsType type, boolean expectsAll) {
        return new Standing(type, expectsAll);
    }

    /** The client holds what is current, and nothing is owed to it. */
    Standing settled() {
        return new Standing(
                type,
                expectsAll,
                wildcard,
                everNamed,
                names,
                current,
                current,
                NOTHING_DUE,
                NO_NAMES,
                unrequested,
                false,
                count);
    }

    boolean considers(String name) {
        return wildcard || names.contains(name);
    }

    /** Whether a client's version tells for sure what it holds: of a name that it drops and asks for again it does not. */
    boolean recognisable() {
        return type.completeInStateOfTheWorld() && wildcard && !everNamed;
    }

    boolean outstanding() {
        return answerOwed || !due.isEmpty() || !removals.isEmpty();
    }

    /** Of the names that it subscribes to, how many there are; {@link #UNKNOWN} if nobody asked yet. */
    int knownCount() {
        return count;
    }

    /** Number of resources that the client is to hold. */
    int resources() {
        if (wildcard) {
            return current.size();
        }
        int known = count;
        if (known == UNKNOWN) {
            known = 0;
            for (String name : names.names()) {
                known += current.containsKey(name) ? 1 : 0;
            }
            count = known;
        }
        return known;
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return this == object
                || (object instanceof Standing other
                        && hash == other.hash
                        && type == other.type
                        && expectsAll == other.expectsAll
                        && wildcard == other.wildcard
                        && everNamed == other.everNamed
                        && answerOwed == other.answerOwed
                        && names == other.names
                        && held == other.held
                        && current == other.current
                        && due == other.due
                        && removals == other.removals
                        && unrequested == other.unrequested);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
