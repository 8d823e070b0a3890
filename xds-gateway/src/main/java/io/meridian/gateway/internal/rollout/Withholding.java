package io.meridian.gateway.internal.rollout;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What a proxy that is no canary is served while versions are held back: what it is to hold, with the version before in place of each that is
 * held back. So that what it is served holds together,
 *
 * <ul>
 *   <li>what the version before refers to stays, though it is to go;
 *   <li>what refers to something that it cannot have yet, as there is no version before, is held back too;
 *   <li>endpoints of such a cluster, and routes that only a listener which is held back refers to, are left out, as no client would ask
 *       for them.
 * </ul>
 */
final class Withholding {
    private final Map<XdsType, PSortedMap<String, XdsResource>> desired;
    private final @Nullable Map<XdsType, PSortedMap<String, XdsResource>> served;
    private final Map<Content, Hold> holds;
    private final List<Hold> held = new ArrayList<>();
    private final Map<XdsType, PSortedMap<String, XdsResource>> result = new EnumMap<>(XdsType.class);
    private final References references = new References();
    /** Versions before that stay; what they refer to has to stay. */
    private final Deque<XdsResource> elders = new ArrayDeque<>();
    /** What it cannot have, so that nothing may refer to it. */
    private final Deque<XdsResource> missing = new ArrayDeque<>();
    /** What it was to have instead of an elder, or of nothing. */
    private final List<XdsResource> heldListeners = new ArrayList<>();

    /**
     * What a proxy is served.
     *
     * @param resources the instance that was desired, or the one that was served, if it is the same
     * @param position up to which nothing of it was held back; null if nothing is, or was from the start
     * @param held of what is desired, what is not in it as it is held back
     */
    record Served(
            Map<XdsType, PSortedMap<String, XdsResource>> resources,
            @Nullable Position position,
            List<Hold> held) {}

    private Withholding(
            Map<XdsType, PSortedMap<String, XdsResource>> desired,
            @Nullable Map<XdsType, PSortedMap<String, XdsResource>> served,
            Map<Content, Hold> holds) {
        this.desired = desired;
        this.served = served;
        this.holds = holds;
        result.putAll(desired);
    }

    /** {@code served}: what the proxy has been served so far; null if that is not known. */
    static Served from(
            Map<XdsType, PSortedMap<String, XdsResource>> desired,
            @Nullable Map<XdsType, PSortedMap<String, XdsResource>> served,
            Map<Content, Hold> holds) {
        return new Withholding(desired, served, holds).served();
    }

    private Served served() {
        for (Hold hold : holds.values()) {
            if (hold.isIn(desired)) {
                held.add(hold);
            }
        }
        if (held.isEmpty()) {
            return new Served(desired, null, List.of());
        }
        held.forEach(hold ->
                holdBack(Objects.requireNonNull(of(desired, hold.content.type()).get(hold.content.name()))));
        while (!missing.isEmpty() || !elders.isEmpty()) {
            if (missing.isEmpty()) {
                keepWhatIsReferredToBy(elders.remove());
            } else {
                holdBackWhatRefersTo(missing.remove());
            }
        }
        leaveOutRoutes();
        held.removeIf(hold -> hold.isIn(result));
        Position position = null;
        for (Hold hold : held) {
            Position before = hold.positionBefore;
            if (before != null && (position == null || before.compareTo(position) < 0)) {
                position = before;
            }
        }
        return new Served(resources(), position, List.copyOf(held));
    }

    private static PSortedMap<String, XdsResource> of(
            @Nullable Map<XdsType, PSortedMap<String, XdsResource>> resources, XdsType type) {
        PSortedMap<String, XdsResource> found = resources == null ? null : resources.get(type);
        return found == null ? TreePMap.empty() : found;
    }

    /** Where what versions before refer to is found. */
    private List<Map<XdsType, PSortedMap<String, XdsResource>>> pasts() {
        return Stream.concat(Stream.ofNullable(served), held.stream().map(hold -> hold.before))
                .distinct()
                .toList();
    }

    /** What is held back never counts as a version before, not even where the proxy got it while it was a canary. */
    private @Nullable XdsResource elder(XdsResource wanted) {
        XdsResource own = of(served, wanted.type()).get(wanted.name());
        if (served != null && (own == null || isElder(own, wanted))) {
            return own;
        }
        for (Hold hold : held) {
            XdsResource known = of(hold.before, wanted.type()).get(wanted.name());
            if (known != null && isElder(known, wanted)) {
                return known;
            }
        }
        return null;
    }

    private boolean isElder(XdsResource known, XdsResource wanted) {
        return !known.equals(wanted) && !holds.containsKey(Content.of(known));
    }

    private void holdBack(XdsResource wanted) {
        if (!wanted.equals(of(result, wanted.type()).get(wanted.name()))) {
            return;
        }
        if (wanted.type() == XdsType.LISTENER) {
            heldListeners.add(wanted);
        }
        XdsResource elder = elder(wanted);
        if (elder == null) {
            leaveOut(wanted);
        } else {
            result.put(wanted.type(), of(result, wanted.type()).plus(wanted.name(), elder));
            elders.add(elder);
        }
    }

    private void leaveOut(XdsResource resource) {
        XdsType type = resource.type();
        result.put(type, of(result, type).minus(resource.name()));
        if (type == XdsType.CLUSTER) {
            result.put(XdsType.ENDPOINT, of(result, XdsType.ENDPOINT).minus(resource.name()));
        }
        missing.add(resource);
    }

    private void holdBackWhatRefersTo(XdsResource absent) {
        // What there was before does not need what is new, though it may have a text that reads the same.
        boolean isNew =
                pasts().stream().noneMatch(past -> of(past, absent.type()).containsKey(absent.name()));
        for (XdsType type : XdsType.values()) {
            if (!References.referredTo(type).contains(absent.type())) {
                continue;
            }
            for (XdsResource each : List.copyOf(of(result, type).values())) {
                boolean isDesired = each.equals(of(desired, type).get(each.name()));
                boolean isServed = each.equals(of(served, type).get(each.name()));
                if ((isNew && (isServed || !isDesired)) || !references.has(each, absent.name())) {
                    continue;
                }
                if (isDesired) {
                    holdBack(each);
                } else {
                    leaveOut(each);
                }
            }
        }
    }

    /** If some of that is not to be had any more, the version before is of no use, and is left out. */
    private void keepWhatIsReferredToBy(XdsResource elder) {
        if (!elder.equals(of(result, elder.type()).get(elder.name()))) {
            return;
        }
        for (XdsType type : References.referredTo(elder.type())) {
            for (String name : references.among(missingNames(type), elder)) {
                XdsResource kept = past(type, name);
                if (kept != null) {
                    result.put(type, of(result, type).plus(name, kept));
                    elders.add(kept);
                } else if (type != XdsType.ENDPOINT) {
                    leaveOut(elder);
                    return;
                }
            }
        }
    }

    /** Names that were there and are not in the result. */
    private Set<String> missingNames(XdsType type) {
        Set<String> names = new HashSet<>();
        pasts().forEach(past -> names.addAll(of(past, type).keySet()));
        names.removeAll(of(result, type).keySet());
        return names;
    }

    private @Nullable XdsResource past(XdsType type, String name) {
        for (Map<XdsType, PSortedMap<String, XdsResource>> past : pasts()) {
            XdsResource known = of(past, type).get(name);
            if (known != null && !holds.containsKey(Content.of(known))) {
                return known;
            }
        }
        return null;
    }

    private void leaveOutRoutes() {
        for (XdsResource listener : heldListeners) {
            for (XdsResource route : List.copyOf(of(result, XdsType.ROUTE).values())) {
                if (!of(served, XdsType.ROUTE).containsKey(route.name())
                        && references.has(listener, route.name())
                        && of(result, XdsType.LISTENER).values().stream()
                                .noneMatch(other -> references.has(other, route.name()))) {
                    result.put(XdsType.ROUTE, of(result, XdsType.ROUTE).minus(route.name()));
                }
            }
        }
    }

    /** The instances that there are already, where they are the same: streams compare by identity. */
    private Map<XdsType, PSortedMap<String, XdsResource>> resources() {
        boolean asDesired = true;
        boolean asServed = served != null;
        for (XdsType type : XdsType.values()) {
            PSortedMap<String, XdsResource> now = of(result, type);
            boolean isDesired = same(now, of(desired, type));
            boolean isServed = served != null && same(now, of(served, type));
            asDesired &= isDesired;
            asServed &= isServed;
            if (isDesired && desired.containsKey(type)) {
                result.put(type, of(desired, type));
            } else if (isServed && served != null && served.containsKey(type)) {
                result.put(type, of(served, type));
            }
        }
        return asDesired ? desired : asServed && served != null ? served : Map.copyOf(result);
    }

    @SuppressWarnings("ReferenceEquality") // mostly it is the same
    private static boolean same(PSortedMap<String, XdsResource> one, PSortedMap<String, XdsResource> other) {
        if (one == other) {
            return true;
        }
        if (one.size() != other.size()) {
            return false;
        }
        Iterator<XdsResource> others = other.values().iterator();
        for (XdsResource each : one.values()) {
            if (!each.equals(others.next())) {
                return false;
            }
        }
        return true;
    }
}
