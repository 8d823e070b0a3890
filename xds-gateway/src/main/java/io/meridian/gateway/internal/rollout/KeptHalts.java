package io.meridian.gateway.internal.rollout;

import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.StatusProto;
import io.meridian.model.position.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Halted versions as they are kept on disk: each with the version before it and what that refers to, and nothing else of what was served. */
final class KeptHalts {
    private KeptHalts() {}

    static HaltedRollouts toProto(Collection<Hold> holds) {
        HaltedRollouts.Builder proto = HaltedRollouts.newBuilder();
        References references = new References();
        for (Hold hold : holds) {
            Halt halt = hold.halt();
            if (halt == null) {
                continue;
            }
            HaltedRollouts.Halted.Builder halted = HaltedRollouts.Halted.newBuilder()
                    .setWhat(StatusProto.held(halt))
                    .setCompiledFrom(hold.compiledFrom.toProto());
            if (hold.positionBefore != null) {
                halted.setBefore(hold.positionBefore.toProto());
            }
            needed(hold, references).forEach(resource -> halted.addResources(toProto(resource)));
            proto.addHalted(halted);
        }
        return proto.build();
    }

    private static HaltedRollouts.Resource toProto(XdsResource resource) {
        return HaltedRollouts.Resource.newBuilder()
                .setType(resource.type().shortName())
                .setName(resource.name())
                .setVersion(resource.version())
                .setCompiledFrom(resource.compiledFrom().toProto())
                .setAny(resource.any())
                .build();
    }

    /** The version before, and all that is reached from there. */
    private static Set<XdsResource> needed(Hold hold, References references) {
        Set<XdsResource> needed = new LinkedHashSet<>();
        Deque<XdsResource> open = new ArrayDeque<>();
        XdsResource elder = of(hold.before, hold.content.type()).get(hold.content.name());
        if (elder != null) {
            needed.add(elder);
            open.add(elder);
        }
        while (!open.isEmpty()) {
            XdsResource next = open.remove();
            for (XdsType type : References.referredTo(next.type())) {
                PSortedMap<String, XdsResource> known = of(hold.before, type);
                for (String name : references.among(new HashSet<>(known.keySet()), next)) {
                    XdsResource referredTo = known.get(name);
                    if (referredTo != null && needed.add(referredTo)) {
                        open.add(referredTo);
                    }
                }
            }
        }
        return needed;
    }

    private static PSortedMap<String, XdsResource> of(
            Map<XdsType, PSortedMap<String, XdsResource>> resources, XdsType type) {
        return resources.getOrDefault(type, TreePMap.empty());
    }

    /** What cannot be read of them, as a later version wrote it, is left out. */
    static List<Hold> holds(HaltedRollouts kept, long nowNanos) {
        List<Hold> holds = new ArrayList<>();
        for (HaltedRollouts.Halted halted : kept.getHaltedList()) {
            ProxyStatus.HeldResource what = halted.getWhat();
            Optional<XdsType> type = type(what.getType());
            if (type.isEmpty()) {
                continue;
            }
            Position compiledFrom = Position.of(halted.getCompiledFrom());
            Hold hold = new Hold(
                    new Content(type.get(), what.getName(), what.getVersion()),
                    compiledFrom,
                    before(halted),
                    halted.hasBefore() ? Position.of(halted.getBefore()) : null,
                    nowNanos,
                    nowNanos);
            hold.halt(StatusProto.halt(what, type.get(), compiledFrom));
            holds.add(hold);
        }
        return holds;
    }

    private static Map<XdsType, PSortedMap<String, XdsResource>> before(HaltedRollouts.Halted halted) {
        Map<XdsType, PSortedMap<String, XdsResource>> before = new EnumMap<>(XdsType.class);
        for (HaltedRollouts.Resource resource : halted.getResourcesList()) {
            type(resource.getType())
                    .ifPresent(type -> before.put(
                            type,
                            of(before, type)
                                    .plus(
                                            resource.getName(),
                                            XdsResource.kept(
                                                    type,
                                                    resource.getName(),
                                                    resource.getVersion(),
                                                    resource.getAny(),
                                                    Position.of(resource.getCompiledFrom())))));
        }
        return Map.copyOf(before);
    }

    private static Optional<XdsType> type(String shortName) {
        return Arrays.stream(XdsType.values())
                .filter(type -> type.shortName().equals(shortName))
                .findFirst();
    }
}
