package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.PSortedSet;

/** A {@link Standing} in the making: what requests and views do to it. Its persistent parts cost what changes in them. Not thread-safe. */
final class Draft {
    final XdsType type;
    private final Standing from;
    private boolean wildcard;
    private boolean everNamed;
    private NameSet names;
    private PSortedMap<String, XdsResource> held;
    private PSortedMap<String, XdsResource> current;
    private PSortedMap<String, Boolean> due;
    private PSortedSet<String> removals;
    private PSortedSet<String> unrequested;
    private boolean answerOwed;
    /** Of the names that the client asked for when this was begun, how many there are. */
    private int count;

    Draft(Standing from) {
        this.from = from;
        type = from.type;
        wildcard = from.wildcard;
        everNamed = from.everNamed;
        names = from.names;
        held = from.held;
        current = from.current;
        due = from.due;
        removals = from.removals;
        unrequested = from.unrequested;
        answerOwed = from.answerOwed;
        count = from.knownCount();
    }

    @SuppressWarnings("ReferenceEquality") // names that are the same object did not change
    Standing finish(NameSets sets) {
        return new Standing(
                type,
                from.expectsAll,
                wildcard,
                everNamed,
                names == from.names ? names : sets.canonical(names),
                held,
                current,
                due,
                removals,
                unrequested,
                answerOwed,
                names == from.names ? count : Standing.UNKNOWN);
    }

    // --- What the client wants. ---

    boolean considers(String name) {
        return wildcard || names.contains(name);
    }

    void ask(Step.Ask request) {
        if (request.notEverything()) {
            unsubscribeAll();
        }
        for (String name : request.less().names()) {
            unsubscribe(name, true);
        }
        if (names.isEmpty()) {
            request.more().names().forEach(this::due);
            names = request.more();
        } else {
            request.more().names().forEach(this::subscribe);
        }
        if (request.everything()) {
            subscribeAll();
            answerOwed |= request.owesAnswer();
        }
        Step.Holds holds = request.holds();
        if (holds != null) {
            holds.versions.forEach(this::holds);
        }
    }

    void want(Step.Want request) {
        NameSet asked = request.asked();
        boolean nothing = asked.isEmpty() && !request.everything();
        if (nothing && !everNamed && type.completeInStateOfTheWorld()) {
            subscribeAll();
        } else {
            everNamed |= !nothing;
            narrow(asked);
            widen(asked);
            if (request.everything()) {
                subscribeAll();
            } else {
                unsubscribeAll();
            }
        }
        answerOwed |= request.first() && (type.completeInStateOfTheWorld() || wildcard);
    }

    @SuppressWarnings("ReferenceEquality") // the same names are mostly the same object
    private void narrow(NameSet asked) {
        if (asked == names) {
            return;
        }
        List<String> dropped = new ArrayList<>();
        for (String name : names.names()) {
            if (!asked.contains(name)) {
                dropped.add(name);
            }
        }
        dropped.forEach(name -> unsubscribe(name, false));
    }

    @SuppressWarnings("ReferenceEquality")
    private void widen(NameSet asked) {
        if (asked == names) {
            return;
        }
        for (String name : asked.names()) {
            if (!names.contains(name)) {
                due(name);
            }
        }
        names = asked;
    }

    /** Sent, or denied, even if the client held it: it may have dropped it. */
    private void subscribe(String name) {
        due(name);
        names = names.plus(name);
    }

    private void due(String name) {
        if (!removals.contains(name)) {
            note(name, null);
        }
        unrequested = unrequested.minus(name);
        due = due.plus(name, true);
    }

    /** {@code answer}: tell what holds for the name now, since a wildcard still covers it. */
    private void unsubscribe(String name, boolean answer) {
        names = names.minus(name);
        if (wildcard) {
            if (answer) {
                due = due.plus(name, true);
            }
        } else {
            due = due.minus(name);
            removals = removals.minus(name);
        }
    }

    /** Everything there is, from now on. What the client holds by name it still holds. */
    private void subscribeAll() {
        if (wildcard) {
            return;
        }
        PSortedMap<String, XdsResource> kept = Standing.NOTHING;
        for (String name : names.names()) {
            XdsResource resource = held.get(name);
            if (resource != null) {
                kept = kept.plus(name, resource);
            }
        }
        held = kept;
        wildcard = true;
        current.keySet().forEach(this::look);
        unrequested = Standing.NO_NAMES;
    }

    private void unsubscribeAll() {
        if (!wildcard) {
            return;
        }
        wildcard = false;
        PSortedMap<String, Boolean> dueByName = Standing.NOTHING_DUE;
        for (Map.Entry<String, Boolean> entry : due.entrySet()) {
            if (names.contains(entry.getKey())) {
                dueByName = dueByName.plus(entry.getKey(), entry.getValue());
            }
        }
        due = dueByName;
        for (String name : removals) {
            if (!names.contains(name)) {
                removals = removals.minus(name);
            }
        }
    }

    /** What the client says it holds from an earlier stream. */
    private void holds(String name, String version) {
        if (considers(name)) {
            XdsResource known = current.get(name);
            note(name, known != null && known.version().equals(version) ? known : Placeholder.of(type, name, version));
            due = due.plus(name, false);
        }
    }

    /** Looks at the name before the next response. */
    private void look(String name) {
        if (!due.containsKey(name)) {
            due = due.plus(name, false);
        }
    }

    // --- What there is. ---

    void view(PSortedMap<String, XdsResource> next, Differences differences) {
        for (String name : differences.between(current, next)) {
            boolean exists = next.containsKey(name);
            if (exists != current.containsKey(name)) {
                count(name, exists ? 1 : -1);
            }
            if (considers(name)) {
                look(name);
                if (exists) {
                    removals = removals.minus(name);
                }
            } else if (!exists) {
                unrequested = unrequested.minus(name);
            } else if (from.expectsAll && !current.containsKey(name)) {
                unrequested = unrequested.plus(name);
            }
        }
        current = next;
    }

    private void count(String name, int more) {
        if (count != Standing.UNKNOWN && names.contains(name)) {
            count += more;
        }
    }

    /** The name's resource must be sent again although it did not change. */
    void again(String name) {
        if (considers(name) && current.containsKey(name)) {
            due = due.plus(name, true);
        }
    }

    /** What only the wildcard covers is to be told, or denied, whether the client holds it or not. */
    void doubt(String name) {
        if (wildcard && !names.contains(name)) {
            due = due.plus(name, true);
        }
    }

    void stopAwaiting() {
        unrequested = Standing.NO_NAMES;
    }

    // --- For those who make responses of it. ---

    PSortedMap<String, Boolean> due() {
        return due;
    }

    @Nullable
    XdsResource current(String name) {
        return current.get(name);
    }

    @Nullable
    XdsResource held(String name) {
        return held.get(name);
    }

    boolean holds(XdsResource wanted) {
        XdsResource other = held.get(wanted.name());
        return other != null && other.version().equals(wanted.version());
    }

    boolean answerOwed() {
        return answerOwed;
    }

    PSortedSet<String> removals() {
        return removals;
    }

    void removeLater(String name) {
        removals = removals.plus(name);
    }

    void removedNow(String name) {
        removals = removals.minus(name);
    }

    void removedAll() {
        removals = Standing.NO_NAMES;
    }

    /** These were looked at; most often these are all. */
    void looked(List<String> done) {
        due = done.size() == due.size() ? Standing.NOTHING_DUE : due.minusAll(done);
    }

    /** All resources that the client is to hold, in order. */
    List<XdsResource> wanted() {
        if (wildcard) {
            return new ArrayList<>(current.values());
        }
        List<XdsResource> all = new ArrayList<>();
        for (String name : names.names()) {
            XdsResource resource = current.get(name);
            if (resource != null) {
                all.add(resource);
            }
        }
        return all;
    }

    /** Notes what the client holds of a name that it subscribes to. */
    void note(String name, @Nullable XdsResource resource) {
        held = resource == null ? held.minus(name) : held.plus(name, resource);
    }

    /** A response was made: nothing is owed now, and with nothing left the client holds what is current. */
    void answered() {
        if (due.isEmpty() && removals.isEmpty()) {
            held = current;
        }
        answerOwed = false;
    }
}
