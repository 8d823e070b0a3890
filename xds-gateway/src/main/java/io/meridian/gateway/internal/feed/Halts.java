package io.meridian.gateway.internal.feed;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The halted roll-outs that concern one view: which of its resources are older than what was compiled, and why. Immutable. */
public final class Halts {
    public static final Halts NONE = new Halts(List.of());

    /**
     * One halted roll-out.
     *
     * @param refused the version that is withheld
     * @param refusal the one that halted it
     */
    record Halt(XdsResource refused, Refusal refusal) {}

    private final Map<XdsType, Map<String, String>> words = new EnumMap<>(XdsType.class);
    private final Map<XdsType, Refusal> refusals = new EnumMap<>(XdsType.class);

    Halts(List<Halt> halts) {
        for (Halt halt : halts) {
            XdsType type = halt.refused().type();
            words.computeIfAbsent(type, key -> new HashMap<>())
                    .put(halt.refused().name(), halt.refusal().message());
            refusals.putIfAbsent(type, halt.refusal());
        }
    }

    /** Of each resource that is withheld why, in words. */
    public Map<XdsType, Map<String, String>> words() {
        return words;
    }

    /** Of each type the refusal that halted a roll-out, or the first of several. */
    public Map<XdsType, Refusal> refusals() {
        return refusals;
    }
}
