package io.meridian.compiler.internal.scope;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Answer;
import io.meridian.compiler.internal.graph.Graph;
import io.meridian.model.position.Position;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * The proxies that are served, each with its scope class, and the classes with what they hold. A proxy that a change does not touch costs a look-up;
 * a class is asked once per change, however many proxies it has. Confined to the compiler's thread.
 */
public final class ScopeViews {
    private final Graph graph;
    private final Map<Proxy, Seat> seats = new HashMap<>();

    private final Map<ScopeClass, Group> groups = new HashMap<>();
    private long round;
    private boolean regrouped = true;

    /** A proxy's place in a group; without one until it was first classified. */
    private static final class Seat {
        /** The instance that is looked up with. */
        private Proxy proxy;

        private final Answer<ScopeClass> classification;
        private @Nullable ScopeClass scope;
        private @Nullable Group group;
        private long seenIn;

        Seat(Proxy proxy, Answer<ScopeClass> classification) {
            this.proxy = proxy;
            this.classification = classification;
        }
    }

    private static final class Group {
        private final ScopeClass scope;
        private final Answer<Map<XdsType, PSortedMap<String, XdsResource>>> resources;
        private @Nullable ProxyView view;
        private int members;

        Group(ScopeClass scope, Answer<Map<XdsType, PSortedMap<String, XdsResource>>> resources) {
            this.scope = scope;
            this.resources = resources;
        }

        @SuppressWarnings("ReferenceEquality") // an answer stays the same instance as long as it is equal
        ProxyView view(Position position) {
            var now = resources.get();
            ProxyView last = view;
            if (last != null && last.resources() == now && last.position() == position) {
                return last;
            }
            ProxyView next = new ProxyView(position, now);
            view = next;
            return next;
        }
    }

    public ScopeViews(Graph graph) {
        this.graph = graph;
    }

    /** {@code position}: of the facts, the same instance for the same facts. */
    public ProxyView of(Proxy proxy, Position position) {
        return group(proxy).view(position);
    }

    /** As {@link io.meridian.compiler.MeshCompiler#regrouped}. */
    public boolean regrouped() {
        boolean since = regrouped;
        regrouped = false;
        return since;
    }

    /** What {@link #of} is the view of. */
    public Answer<?> answer(Proxy proxy) {
        return group(proxy).resources;
    }

    @SuppressWarnings("ReferenceEquality") // as above, and whoever asks again does so with the same instance
    private Group group(Proxy proxy) {
        Seat seat = seats.get(proxy);
        if (seat == null) {
            seat = new Seat(proxy, graph.hold(new Classification(proxy), () -> regrouped = true));
            seats.put(proxy, seat);
        } else if (seat.proxy != proxy) {
            // It came back, as another object: looking that up must not cost a comparison of all that it says of
            // itself.
            seats.remove(seat.proxy);
            seats.put(proxy, seat);
            seat.proxy = proxy;
        }
        seat.seenIn = round;
        ScopeClass scope = seat.classification.get();
        Group group = seat.group;
        if (group != null && seat.scope == scope) {
            return group;
        }
        Group next = groups.computeIfAbsent(scope, key -> new Group(key, graph.hold(new Resources(key))));
        next.members++;
        seat.group = next;
        seat.scope = scope;
        leave(group);
        return next;
    }

    private void leave(@Nullable Group group) {
        if (group != null && --group.members == 0) {
            groups.remove(group.scope);
            group.resources.close();
        }
    }

    /** Forgets the proxies that were not seen since the last call, and what was computed for them alone. Costs a glance at every proxy. */
    public void trim() {
        Iterator<Seat> all = seats.values().iterator();
        while (all.hasNext()) {
            Seat seat = all.next();
            if (seat.seenIn != round) {
                all.remove();
                seat.classification.close();
                leave(seat.group);
            }
        }
        round++;
    }
}
