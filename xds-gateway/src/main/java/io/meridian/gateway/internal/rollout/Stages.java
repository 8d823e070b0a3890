package io.meridian.gateway.internal.rollout;

import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The roll-out of one mesh's changes at one gateway. A change goes to the canaries at once. What it makes new of clusters, listeners, routes
 * and secrets is a wave: the others get it when each canary that was told has answered, or when the wave's time is up, but for the versions that
 * so many canaries refused that their roll-out halts. Those nobody else gets until another version takes their place.
 *
 * <p>Endpoints are never held back, and neither is what no canary is to hold, nor what some other proxy is served already, nor a removal,
 * unless something that is held back refers to it ({@link Withholding}).
 *
 * <p>Not thread-safe; time is an argument, in nanoseconds as of System.nanoTime.
 *
 * @param <M> the streams, told apart by their identity
 */
public final class Stages<M> {
    /** The longest that others wait for canaries. */
    public static final Duration LIMIT = Duration.ofSeconds(2);

    /** A halted version that no connected proxy is to hold is remembered so long for those that come back. */
    static final Duration REMEMBERED = Duration.ofMinutes(10);

    /** Halts at one moment whose cause is looked up; of further ones it is not told. */
    private static final int MOST_EXPLAINED = 64;

    public static final long NEVER = Long.MAX_VALUE;

    private static final List<XdsType> CONFIGURATION =
            List.of(XdsType.CLUSTER, XdsType.LISTENER, XdsType.ROUTE, XdsType.SECRET);

    private final Map<M, Member<M>> members = new LinkedHashMap<>();
    private final Map<Content, Hold> holds = new LinkedHashMap<>();
    private final Deque<Wave<M>> waves = new ArrayDeque<>();
    private RolloutPolicy policy;
    private long lastWave = 1;
    private @Nullable Position last;
    /** Grows with each change of what is halted. */
    private long haltsVersion;

    /** What a stream's proxy is to hold. {@code anew}: it is told whatever it was told before. */
    public record Next<M>(M member, ProxyView view, boolean anew) {}

    /** A stream to tell, and what. */
    public record Delivery<M>(M member, ProxyView view, RolloutPart part) {}

    /** {@code wave}: the number of the wave that it opened; 0 if it opened none. */
    public record Publication<M>(List<Delivery<M>> deliveries, long wave) {}

    /** {@code waves}: numbers of those that are over. {@code halts}: those of them that are new. */
    public record Conclusion<M>(List<Delivery<M>> deliveries, List<Long> waves, List<Halt> halts) {}

    /** Finds the objects and the event behind a refusal. */
    @FunctionalInterface
    public interface Explainer {
        Refusal explained(Proxy by, XdsType type, Refusal refusal);
    }

    private static final class Member<M> {
        private final M key;
        private final String node;
        private boolean canary;
        private @Nullable ProxyView desired;
        private @Nullable ProxyView shown;
        private List<Halt> halts = List.of();
        /** What it last refused and has not acknowledged since, by type and name: the same is not sent to it again. */
        private final Map<Content, Refused> refusing = new HashMap<>();

        private Member(M key, String node) {
            this.key = key;
            this.node = node;
        }

        private @Nullable Map<XdsType, PSortedMap<String, XdsResource>> served() {
            return shown == null ? null : shown.resources();
        }
    }

    private record Refused(Proxy by, Refusal how) {}

    private record Wave<M>(long number, long deadlineNanos, List<Hold> holds, Set<M> waiting) {}

    /** From one view to another, by identity. */
    private record Turn(
            Map<XdsType, PSortedMap<String, XdsResource>> from, Map<XdsType, PSortedMap<String, XdsResource>> to) {
        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean equals(@Nullable Object other) {
            return other instanceof Turn turn && turn.from == from && turn.to == to;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(from) + System.identityHashCode(to);
        }
    }

    public Stages(RolloutPolicy policy) {
        this.policy = policy;
    }

    /** Others are canaries from the next {@link #publish} on; what is halted stays so. */
    public void policy(RolloutPolicy next) {
        policy = next;
        members.values().forEach(member -> member.canary = next.isCanary(member.node));
    }

    /** A stream that has been told {@code view} already, as all were before there were canaries; null if nothing yet. */
    public void enrol(M key, String node, @Nullable ProxyView view) {
        Member<M> member = member(key, node);
        member.desired = view;
        member.shown = view;
    }

    /** A stream that connected; what it is told. */
    public Delivery<M> join(M key, String node, ProxyView view, long nowNanos) {
        Member<M> member = member(key, node);
        member.desired = view;
        holds.values().stream().filter(hold -> hold.isIn(view.resources())).forEach(hold -> hold.wanted(nowNanos));
        if (!member.canary) {
            adoptFromPeer(member, view);
        }
        return Objects.requireNonNull(show(member, true, new HashMap<>()));
    }

    private Member<M> member(M key, String node) {
        Member<M> member = new Member<>(key, node);
        member.canary = policy.isCanary(node);
        members.put(key, member);
        return member;
    }

    /** What others of its group are served, so that they go on as one group. */
    @SuppressWarnings("ReferenceEquality")
    private void adoptFromPeer(Member<M> member, ProxyView view) {
        if (holds.isEmpty()) {
            return;
        }
        for (Member<M> peer : members.values()) {
            if (peer != member
                    && !peer.canary
                    && peer.shown != null
                    && peer.desired != null
                    && peer.desired.resources() == view.resources()) {
                member.shown = peer.shown;
                return;
            }
        }
    }

    public void leave(M key) {
        members.remove(key);
        waves.forEach(wave -> wave.waiting().remove(key));
    }

    /** What a stream was told last; null if nothing. */
    public @Nullable ProxyView shown(M key) {
        Member<M> member = members.get(key);
        return member == null ? null : member.shown;
    }

    /** How many versions are halted that some connected proxy is to hold. */
    public int halted() {
        return (int) holds.values().stream()
                .filter(hold -> hold.halt() != null && hold.isWanted())
                .count();
    }

    // --- Across restarts. ---

    /** Another number whenever {@link #kept} is another. */
    public long haltsVersion() {
        return haltsVersion;
    }

    /** What is halted, with what it takes to give those who come the version before. */
    public HaltedRollouts kept() {
        return KeptHalts.toProto(holds.values());
    }

    /** What was halted when an earlier gateway kept it. Before anything joins. */
    public void restore(HaltedRollouts kept, long nowNanos) {
        KeptHalts.holds(kept, nowNanos).forEach(hold -> holds.put(hold.content, hold));
    }

    // --- Changes. ---

    /** What there is now at {@code at}, for every stream of which that is known. */
    public Publication<M> publish(Position at, List<Next<M>> nexts, long nowNanos) {
        if (nexts.stream().anyMatch(this::changesConfiguration)) {
            designate();
        }
        Map<Turn, Boolean> turns = new LinkedHashMap<>();
        Set<M> told = new LinkedHashSet<>();
        for (Next<M> next : nexts) {
            Member<M> member = known(next.member());
            ProxyView before = member.desired;
            if (before != null && changed(before, next.view())) {
                turns.merge(new Turn(before.resources(), next.view().resources()), member.canary, Boolean::logicalOr);
                if (member.canary) {
                    told.add(next.member());
                }
            }
        }
        List<Hold> tried = tried(turns, nowNanos);
        nexts.forEach(next -> known(next.member()).desired = next.view());
        forget(turns.keySet(), nowNanos);
        long wave = tried.isEmpty() ? 0 : open(tried, told, nowNanos);
        last = at;
        List<Delivery<M>> deliveries = new ArrayList<>();
        Map<Turn, Withholding.Served> known = new HashMap<>();
        for (Next<M> next : nexts) {
            Delivery<M> delivery = show(known(next.member()), next.anew(), known);
            if (delivery != null) {
                deliveries.add(delivery);
            }
        }
        return new Publication<>(deliveries, wave);
    }

    private Member<M> known(M key) {
        Member<M> member = members.get(key);
        if (member == null) {
            throw new IllegalStateException("a stream is told of a change that never joined");
        }
        return member;
    }

    @SuppressWarnings("ReferenceEquality") // the compiler gives the same instance for as long as nothing changed
    private static boolean changed(ProxyView before, ProxyView next) {
        return before.resources() != next.resources();
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean changesConfiguration(Next<M> next) {
        ProxyView before = known(next.member()).desired;
        return before != null
                && changed(before, next.view())
                && CONFIGURATION.stream()
                        .anyMatch(type -> before.resources().get(type)
                                != next.view().resources().get(type));
    }

    /** Where the share has chosen nobody, the first by hash is a canary until it leaves. */
    private void designate() {
        Member<M> first = null;
        for (Member<M> member : members.values()) {
            if (member.canary) {
                return;
            }
            if (first == null || RolloutPolicy.percentile(member.node) < RolloutPolicy.percentile(first.node)) {
                first = member;
            }
        }
        if (first != null) {
            first.canary = true;
        }
    }

    /** What the changes make new for canaries, and no one else has. */
    private List<Hold> tried(Map<Turn, Boolean> turns, long nowNanos) {
        Map<Content, Hold> found = new LinkedHashMap<>();
        turns.forEach((turn, canaries) -> {
            if (canaries) {
                CONFIGURATION.forEach(type -> look(type, turn, found, nowNanos));
            }
        });
        for (Map<XdsType, PSortedMap<String, XdsResource>> served : servedToOthers()) {
            found.values().removeIf(hold -> hold.isIn(served));
        }
        holds.putAll(found);
        return List.copyOf(found.values());
    }

    @SuppressWarnings("ReferenceEquality")
    private void look(XdsType type, Turn turn, Map<Content, Hold> found, long nowNanos) {
        PSortedMap<String, XdsResource> from = turn.from().getOrDefault(type, TreePMap.empty());
        PSortedMap<String, XdsResource> to = turn.to().getOrDefault(type, TreePMap.empty());
        if (from == to) {
            return;
        }
        for (XdsResource now : to.values()) {
            XdsResource before = from.get(now.name());
            if (before == now || now.equals(before)) {
                continue;
            }
            Content content = Content.of(now);
            if (!holds.containsKey(content) && !found.containsKey(content)) {
                Hold older = before == null ? null : holds.get(Content.of(before));
                found.put(content, hold(now, older, turn.from(), nowNanos));
            }
        }
    }

    /** The versions that are before a version which was held back are before its successor too. */
    private Hold hold(
            XdsResource resource,
            @Nullable Hold older,
            Map<XdsType, PSortedMap<String, XdsResource>> from,
            long nowNanos) {
        if (older == null) {
            return new Hold(
                    Content.of(resource), resource.compiledFrom(), servedInsteadOf(from), last, nowNanos, nowNanos);
        }
        long since = older.halt() == null ? older.sinceNanos : nowNanos;
        return new Hold(
                Content.of(resource), resource.compiledFrom(), older.before, older.positionBefore, since, nowNanos);
    }

    /** What one that is no canary is served where {@code desired} is to be; that itself if there is none. */
    @SuppressWarnings("ReferenceEquality")
    private Map<XdsType, PSortedMap<String, XdsResource>> servedInsteadOf(
            Map<XdsType, PSortedMap<String, XdsResource>> desired) {
        if (!holds.isEmpty()) {
            for (Member<M> member : members.values()) {
                if (!member.canary
                        && member.shown != null
                        && member.desired != null
                        && member.desired.resources() == desired) {
                    return member.shown.resources();
                }
            }
            return Withholding.from(desired, null, holds).resources();
        }
        return desired;
    }

    private Collection<Map<XdsType, PSortedMap<String, XdsResource>>> servedToOthers() {
        IdentityHashMap<Map<XdsType, PSortedMap<String, XdsResource>>, Boolean> served = new IdentityHashMap<>();
        for (Member<M> member : members.values()) {
            if (!member.canary && member.shown != null) {
                served.put(member.shown.resources(), true);
            }
        }
        return served.keySet();
    }

    /** Lets go of versions that others have taken the place of. */
    private void forget(Collection<Turn> turns, long nowNanos) {
        if (holds.isEmpty()) {
            return;
        }
        IdentityHashMap<Map<XdsType, PSortedMap<String, XdsResource>>, Boolean> desired = new IdentityHashMap<>();
        for (Member<M> member : members.values()) {
            if (member.desired != null) {
                desired.put(member.desired.resources(), true);
            }
        }
        holds.values().removeIf(hold -> {
            if (desired.keySet().stream().anyMatch(hold::isIn)) {
                hold.wanted(nowNanos);
                return false;
            }
            hold.unwanted();
            boolean replaced = turns.stream().anyMatch(turn -> hold.isIn(turn.from()));
            boolean gone = replaced || nowNanos - hold.wantedNanos() > REMEMBERED.toNanos();
            haltsVersion += gone && hold.halt() != null ? 1 : 0;
            return gone;
        });
    }

    private long open(List<Hold> tried, Set<M> told, long nowNanos) {
        long since = nowNanos;
        for (Hold hold : tried) {
            since = hold.sinceNanos - since < 0 ? hold.sinceNanos : since;
            // Who refused it before is not sent it again.
            for (Member<M> member : members.values()) {
                Refused refused = member.canary ? member.refusing.get(hold.content) : null;
                if (refused != null) {
                    hold.refused(refused.by(), refused.how());
                }
            }
        }
        long number = ++lastWave;
        waves.add(new Wave<>(number, since + LIMIT.toNanos(), tried, told));
        return number;
    }

    // --- What a stream is served. ---

    /** Null if it need not be told. */
    private @Nullable Delivery<M> show(Member<M> member, boolean anew, Map<Turn, Withholding.Served> known) {
        ProxyView desired = member.desired;
        if (desired == null) {
            return null;
        }
        ProxyView view = desired;
        List<Halt> halts = List.of();
        if (!member.canary && !holds.isEmpty()) {
            Withholding.Served served = served(desired.resources(), member.served(), known);
            Position position = served.position();
            if (!served.held().isEmpty()) {
                view = new ProxyView(position == null ? desired.position() : position, served.resources());
                halts = served.held().stream()
                        .map(Hold::halt)
                        .filter(Objects::nonNull)
                        .toList();
            }
        }
        ProxyView before = member.shown;
        boolean tell = anew || before == null || changed(before, view) || !halts.equals(member.halts);
        member.shown = view;
        member.halts = halts;
        return tell ? new Delivery<>(member.key, view, new RolloutPart(member.canary ? lastWave : 0, halts)) : null;
    }

    private Withholding.Served served(
            Map<XdsType, PSortedMap<String, XdsResource>> desired,
            @Nullable Map<XdsType, PSortedMap<String, XdsResource>> served,
            Map<Turn, Withholding.Served> known) {
        if (served == null) {
            return Withholding.from(desired, null, holds);
        }
        return known.computeIfAbsent(
                new Turn(served, desired), turn -> Withholding.from(turn.to(), turn.from(), holds));
    }

    // --- What canaries say. ---

    public void sent(M key, List<XdsResource> resources) {
        Member<M> member = members.get(key);
        if (member != null && member.canary && !holds.isEmpty()) {
            for (XdsResource resource : resources) {
                Hold hold = holds.get(Content.of(resource));
                if (hold != null) {
                    hold.sent(member.node);
                }
            }
        }
    }

    public void acknowledged(M key, List<XdsResource> resources) {
        Member<M> member = members.get(key);
        if (member == null || !member.canary || (holds.isEmpty() && member.refusing.isEmpty())) {
            return;
        }
        for (XdsResource resource : resources) {
            Content content = Content.of(resource);
            member.refusing
                    .keySet()
                    .removeIf(refused ->
                            refused.type() == content.type() && refused.name().equals(content.name()));
            Hold hold = holds.get(content);
            if (hold != null) {
                hold.acknowledged(member.node);
            }
        }
    }

    /** {@code resources}: those of a refused response that the refusal is about. */
    public void refused(M key, Proxy by, List<XdsResource> resources, Refusal how) {
        Member<M> member = members.get(key);
        if (member == null || !member.canary) {
            return;
        }
        for (XdsResource resource : resources) {
            Content content = Content.of(resource);
            member.refusing.put(content, new Refused(by, how));
            Hold hold = holds.get(content);
            if (hold != null) {
                hold.refused(by, how);
            }
        }
    }

    /** The stream has answered all that it was told up to this wave. */
    public void settled(M key, long wave) {
        for (Wave<M> open : waves) {
            if (open.number() <= wave) {
                open.waiting().remove(key);
            }
        }
    }

    /** When {@link #conclude} has something to do if nothing happens before; {@link #NEVER} if nothing waits. */
    public long nextNanos() {
        long next = NEVER;
        for (Wave<M> wave : waves) {
            next = next == NEVER || wave.deadlineNanos() - next < 0 ? wave.deadlineNanos() : next;
        }
        return next;
    }

    /** Ends the waves whose canaries have answered or whose time is up; null if there is none. */
    public @Nullable Conclusion<M> conclude(long nowNanos, Explainer explainer) {
        List<Long> over = new ArrayList<>();
        List<Halt> halts = new ArrayList<>();
        Iterator<Wave<M>> open = waves.iterator();
        while (open.hasNext()) {
            Wave<M> wave = open.next();
            if (wave.waiting().isEmpty() || nowNanos - wave.deadlineNanos() >= 0) {
                open.remove();
                over.add(wave.number());
                wave.holds().forEach(hold -> decide(hold, explainer, halts));
            }
        }
        if (over.isEmpty()) {
            return null;
        }
        List<Delivery<M>> deliveries = new ArrayList<>();
        Map<Turn, Withholding.Served> known = new HashMap<>();
        for (Member<M> member : members.values()) {
            Delivery<M> delivery = member.canary ? null : show(member, false, known);
            if (delivery != null) {
                deliveries.add(delivery);
            }
        }
        return new Conclusion<>(deliveries, over, halts);
    }

    @SuppressWarnings("ReferenceEquality")
    private void decide(Hold hold, Explainer explainer, List<Halt> halts) {
        if (holds.get(hold.content) != hold) {
            return;
        }
        Refusal refusal = hold.refusal();
        Proxy refuser = hold.refuser();
        if (refusal == null || refuser == null || !policy.halts(hold.refusals(), hold.canaries())) {
            holds.remove(hold.content);
            return;
        }
        haltsVersion++;
        boolean explained = halts.size() < MOST_EXPLAINED;
        hold.halt(explained ? explainer.explained(refuser, hold.content.type(), refusal) : refusal);
        halts.add(Objects.requireNonNull(hold.halt()));
    }
}
