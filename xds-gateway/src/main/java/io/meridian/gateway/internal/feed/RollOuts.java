package io.meridian.gateway.internal.feed;

import com.google.protobuf.ByteString;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.RollOutPolicy;
import io.meridian.gateway.internal.protocol.Differences;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Decides which new versions of clusters, listeners and routes go no further, since too many proxies refuse them. What is told instead is the
 * version before, until the resource changes again; to those who come as well, as long as one with the same configuration is connected.
 * What one group of proxies had before is never told to another. A resource that has no version before is never withheld. Time is an
 * argument. Confined to the mesh's thread, but for {@link #accepted} and {@link #watches}.
 */
final class RollOuts {
    /** New versions that are watched at once, and bytes of the versions before them; beyond that the oldest are not watched any more. */
    private static final int MOST_WATCHED = 4096;

    private static final long MOST_BYTES = 32 << 20;
    private static final int MOST_HALTED = 256;
    private static final XdsResource NONE = new XdsResource(
            XdsType.CLUSTER, "", "", ByteString.EMPTY, ByteString.EMPTY, Position.before(new MeshId("none")));
    private static final List<XdsType> TYPES = List.of(XdsType.CLUSTER, XdsType.LISTENER, XdsType.ROUTE);

    private final RollOutPolicy policy;
    private final Differences differences = new Differences();
    private final ConcurrentHashMap<Key, Watched> watched = new ConcurrentHashMap<>();
    private final LinkedHashMap<Key, Watched> byAge = new LinkedHashMap<>();
    private final LinkedHashMap<Key, Halts.Halt> halted = new LinkedHashMap<>();
    private final IdentityHashMap<Map<XdsType, PSortedMap<String, XdsResource>>, Told> told = new IdentityHashMap<>();
    /** Of what is compiled for a group, what it was told before in place of what is watched or halted. */
    private final IdentityHashMap<Map<XdsType, PSortedMap<String, XdsResource>>, Map<Key, XdsResource>> lineage =
            new IdentityHashMap<>();

    /** What was asked for since the last {@link #tellingAll}. */
    private final IdentityHashMap<Map<XdsType, PSortedMap<String, XdsResource>>, Told> round = new IdentityHashMap<>();

    private final Map<Change, Watching> changes = new HashMap<>();
    /** Halted, and no longer what is compiled for some. */
    private final Set<Key> left = new HashSet<>();

    private long bytes;
    private volatile int count;

    private record Key(XdsType type, String name, String version) {
        static Key of(XdsResource resource) {
            return new Key(resource.type(), resource.name(), resource.version());
        }
    }

    private static final class Watched {
        private final XdsResource resource;
        private final int bytes;
        private final long untilNanos;
        private final LongAdder accepted = new LongAdder();
        private final Set<String> refusing = new HashSet<>();
        private volatile int refusals;
        private @Nullable Said last;
        private int told;

        private Watched(XdsResource resource, int bytes, long untilNanos) {
            this.resource = resource;
            this.bytes = bytes;
            this.untilNanos = untilNanos;
        }
    }

    /** The last refusal of a resource. */
    private record Said(Refusal refusal, Refusal.Resource resource, Explainer explainer) {}

    /** From one group's resources to others, by identity. */
    private record Change(
            Map<XdsType, PSortedMap<String, XdsResource>> from, Map<XdsType, PSortedMap<String, XdsResource>> to) {
        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean equals(@Nullable Object other) {
            return other instanceof Change change && change.from == from && change.to == to;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(from) * 31 + System.identityHashCode(to);
        }
    }

    /** What is watched of a change, and how many streams it is for. */
    private static final class Watching {
        private final List<Watched> resources;
        private int streams;

        private Watching(List<Watched> resources) {
            this.resources = resources;
        }
    }

    /** What one group of proxies is told. {@code concerned}: the halted roll-outs that it is told something else for. */
    record Told(Map<XdsType, PSortedMap<String, XdsResource>> resources, Halts halts, List<Halts.Halt> concerned) {}

    RollOuts(RollOutPolicy policy) {
        this.policy = policy;
    }

    // --- What is told. ---

    /** Every stream is about to be asked for with {@link #tell}, and then comes {@link #toldAll}. */
    void tellingAll() {
        round.clear();
    }

    /**
     * What a stream is told where this was compiled for it. The same object for the same resources, until a roll-out halts or ends.
     *
     * @param before what was compiled for it last; null if it is new
     */
    @SuppressWarnings("ReferenceEquality") // the compiler gives the same instance for as long as nothing changed
    Told tell(
            Map<XdsType, PSortedMap<String, XdsResource>> compiled,
            @Nullable Map<XdsType, PSortedMap<String, XdsResource>> before,
            long nowNanos) {
        if (before != null && before != compiled) {
            changes.computeIfAbsent(new Change(before, compiled), change -> changed(change, nowNanos)).streams++;
        }
        Told known = told.get(compiled);
        if (known == null) {
            known = withhold(compiled);
            told.put(compiled, known);
        }
        round.put(compiled, known);
        return known;
    }

    private Watching changed(Change change, long nowNanos) {
        Map<Key, XdsResource> from = lineage.getOrDefault(change.from(), Map.of());
        Map<Key, XdsResource> to = new HashMap<>();
        from.forEach((key, before) -> {
            XdsResource there = map(change.to(), key.type()).get(key.name());
            if (there != null && there.version().equals(key.version())) {
                to.put(key, before);
            }
        });
        List<Watched> found = new ArrayList<>();
        for (XdsType type : TYPES) {
            PSortedMap<String, XdsResource> now = map(change.to(), type);
            for (String name : differences.between(map(change.from(), type), now)) {
                XdsResource before = map(change.from(), type).get(name);
                if (before == null) {
                    continue;
                }
                XdsResource good = before;
                if (halted.containsKey(Key.of(before))) {
                    left.add(Key.of(before));
                    good = from.getOrDefault(Key.of(before), before);
                }
                XdsResource after = now.get(name);
                if (after != null && !policy.watch().isZero()) {
                    to.put(Key.of(after), good);
                    watch(after, good, nowNanos).ifPresent(found::add);
                }
            }
        }
        lineage.merge(change.to(), to, RollOuts::agreed);
        told.remove(change.to());
        return new Watching(found);
    }

    /** Of what two groups had before they came to have the same: where that differs, there is nothing that both may be told instead. */
    private static Map<Key, XdsResource> agreed(Map<Key, XdsResource> one, Map<Key, XdsResource> other) {
        Map<Key, XdsResource> both = new HashMap<>(one);
        other.forEach((key, before) -> both.merge(key, before, (a, b) -> a.equals(b) ? a : NONE));
        return both;
    }

    private Optional<Watched> watch(XdsResource resource, XdsResource before, long nowNanos) {
        Key key = Key.of(resource);
        if (halted.containsKey(key) || before.version().equals(resource.version())) {
            return Optional.empty();
        }
        Watched known = watched.get(key);
        if (known == null) {
            known = new Watched(
                    resource, before.any().size(), nowNanos + policy.watch().toNanos());
            watched.put(key, known);
            byAge.put(key, known);
            bytes += known.bytes;
            while (byAge.size() > MOST_WATCHED || bytes > MOST_BYTES) {
                forget(byAge.keySet().iterator().next());
            }
        }
        return Optional.of(known);
    }

    @SuppressWarnings("ReferenceEquality") // there is one NONE
    private Told withhold(Map<XdsType, PSortedMap<String, XdsResource>> compiled) {
        if (halted.isEmpty()) {
            return new Told(compiled, Halts.NONE, List.of());
        }
        Map<XdsType, PSortedMap<String, XdsResource>> resources = new EnumMap<>(XdsType.class);
        resources.putAll(compiled);
        List<Halts.Halt> concerned = new ArrayList<>();
        Map<Key, XdsResource> befores = lineage.getOrDefault(compiled, Map.of());
        halted.forEach((key, halt) -> {
            XdsResource before = befores.getOrDefault(key, NONE);
            if (before != NONE) {
                resources.put(key.type(), map(resources, key.type()).plus(key.name(), before));
                concerned.add(halt);
            }
        });
        return concerned.isEmpty()
                ? new Told(compiled, Halts.NONE, List.of())
                : new Told(Map.copyOf(resources), new Halts(concerned), concerned);
    }

    /**
     * Every stream was asked for with {@link #tell}. A roll-out ends whose resource is another now for all that had it; the names of those
     * that were halted.
     */
    List<String> toldAll(long nowNanos) {
        changes.values().forEach(change -> change.resources.forEach(each -> each.told += change.streams));
        changes.clear();
        if (round.isEmpty()) {
            // Nobody is there, or nobody's view can be had.
            return List.of();
        }
        told.keySet().retainAll(round.keySet());
        lineage.keySet().retainAll(round.keySet());
        lineage.replaceAll((resources, befores) -> remembered(befores));
        round.clear();
        List<String> ended = new ArrayList<>();
        for (Key key : left) {
            boolean held = told.values().stream()
                    .flatMap(each -> each.concerned().stream())
                    .anyMatch(halt -> Key.of(halt.refused()).equals(key));
            if (!held && halted.remove(key) != null) {
                ended.add(key.type().shortName() + " " + key.name());
            }
        }
        left.clear();
        forgetOld(nowNanos);
        count = halted.size();
        return ended;
    }

    /** Without what is neither watched nor halted. */
    private Map<Key, XdsResource> remembered(Map<Key, XdsResource> befores) {
        Map<Key, XdsResource> kept = new HashMap<>(befores);
        kept.keySet().removeIf(key -> !watched.containsKey(key) && !halted.containsKey(key));
        return kept;
    }

    // --- What the proxies say. ---

    /**
     * From any thread: these were accepted by one proxy.
     *
     * @return whether this is an answer that may decide, so that {@link #review} is to be asked
     */
    boolean accepted(List<XdsResource> resources) {
        if (watched.isEmpty()) {
            return false;
        }
        boolean mayDecide = false;
        for (XdsResource resource : resources) {
            Watched known = watched.get(Key.of(resource));
            if (known != null) {
                known.accepted.increment();
                mayDecide |= known.refusals >= policy.refusals();
            }
        }
        return mayDecide;
    }

    /** From any thread: whether this refusal may matter. */
    boolean watches(XdsType type, Refusal refusal) {
        return !watched.isEmpty()
                && refusal.resources().stream()
                        .anyMatch(each -> watched.containsKey(new Key(type, each.name(), each.version())));
    }

    /** Explains a refusal of one resource. */
    interface Explainer {
        Refusal.Causes explain(Refusal refusal);
    }

    /** One proxy refused. What halts by it, for the log; empty if nothing does. */
    List<String> refused(String node, XdsType type, Refusal refusal, Explainer explainer, long nowNanos) {
        for (Refusal.Resource resource : refusal.resources()) {
            Watched known = watched.get(new Key(type, resource.name(), resource.version()));
            if (known != null) {
                known.refusing.add(node);
                known.refusals = known.refusing.size();
                known.last = new Said(refusal, resource, explainer);
            }
        }
        return review(nowNanos);
    }

    /** Halts what is to be halted by the answers so far; for the log. */
    List<String> review(long nowNanos) {
        forgetOld(nowNanos);
        List<String> halts = new ArrayList<>();
        for (Watched known : List.copyOf(byAge.values())) {
            Said last = known.last;
            long accepted = known.accepted.sum();
            long refusing = known.refusals;
            if (last != null && policy.halts(accepted, refusing, known.told)) {
                Key key = Key.of(known.resource);
                String words = "roll-out halted, the version before is served: %d of %d answers refused it: %s"
                        .formatted(refusing, accepted + refusing, last.refusal().message());
                halt(key, known, last.refusal().about(last.resource(), words), last.explainer());
                halts.add("%s %s refused=%d accepted=%d"
                        .formatted(key.type().shortName(), key.name(), refusing, accepted));
            }
        }
        return halts;
    }

    private void halt(Key key, Watched known, Refusal refusal, Explainer explainer) {
        forget(key);
        Refusal explained = refusal.withCauses(explainer.explain(refusal));
        halted.put(key, new Halts.Halt(known.resource, explained));
        if (halted.size() > MOST_HALTED) {
            halted.remove(halted.keySet().iterator().next());
        }
        told.clear();
        count = halted.size();
    }

    // --- What is remembered. ---

    private void forget(Key key) {
        Watched gone = byAge.remove(key);
        if (gone != null) {
            watched.remove(key);
            bytes -= gone.bytes;
        }
    }

    void forgetOld(long nowNanos) {
        Iterator<Watched> oldest = byAge.values().iterator();
        List<Key> gone = new ArrayList<>();
        while (oldest.hasNext()) {
            Watched next = oldest.next();
            if (next.untilNanos - nowNanos > 0) {
                break;
            }
            gone.add(Key.of(next.resource));
        }
        gone.forEach(this::forget);
    }

    /** When {@link #forgetOld} has something to forget; empty if nothing is watched. */
    Optional<Long> forgetsAtNanos() {
        return byAge.isEmpty()
                ? Optional.empty()
                : Optional.of(byAge.values().iterator().next().untilNanos);
    }

    /** How many roll-outs are halted. From any thread. */
    int halted() {
        return count;
    }

    private static PSortedMap<String, XdsResource> map(
            Map<XdsType, PSortedMap<String, XdsResource>> resources, XdsType type) {
        return resources.getOrDefault(type, TreePMap.empty());
    }
}
