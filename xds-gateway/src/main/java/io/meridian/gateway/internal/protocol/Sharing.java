package io.meridian.gateway.internal.protocol;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.List;
import java.util.Map;
import org.pcollections.PSortedMap;

/**
 * What the streams of a gateway share, so that what is told to many is computed once and held once. Thread-safe. Nothing in here is needed
 * to be right: what is forgotten is computed again.
 */
public final class Sharing {
    private final Differences differences = new Differences();
    private final NameSets nameSets = new NameSets();
    private final HoldsSets holdsSets = new HoldsSets();
    private final Steps steps = new Steps(differences, nameSets);
    private final Responses responses;
    /** Thousands go from one view to the next one after the other. */
    private volatile Turn lastTurn = new Turn(Map.of(), Map.of(), 0);

    /** From one view to another; compared by identity. {@code changed}: a bit for each type whose resources are others, by ordinal. */
    private record Turn(
            Map<XdsType, PSortedMap<String, XdsResource>> from,
            Map<XdsType, PSortedMap<String, XdsResource>> to,
            int changed) {}

    /**
     * @param identifier what the gateway calls itself to its clients
     * @param mostBytes of responses that are remembered for those who will get the same
     */
    public Sharing(String identifier, long mostBytes) {
        ByteString controlPlane =
                ControlPlane.newBuilder().setIdentifier(identifier).build().toByteString();
        responses = new Responses(controlPlane, mostBytes);
    }

    Differences differences() {
        return differences;
    }

    Steps steps() {
        return steps;
    }

    Responses responses() {
        return responses;
    }

    /** As {@link Responses#of}. Bounds what is remembered: batches keep their responses. */
    Outgoing response(Batch batch, boolean delta, Outgoing.Stamp stamp, long after) {
        if (responses.full()) {
            responses.clear();
            steps.clear();
        }
        return responses.of(batch, delta, stamp, after);
    }

    /** A bit for each type, by ordinal, of which {@code to} has other resources than {@code from}. */
    @SuppressWarnings({"EnumOrdinal", "ReferenceEquality"
    }) // the same map has the same content; another costs a comparison, no more
    int changed(Map<XdsType, PSortedMap<String, XdsResource>> from, Map<XdsType, PSortedMap<String, XdsResource>> to) {
        Turn last = lastTurn;
        if (last.from() == from && last.to() == to) {
            return last.changed();
        }
        int changed = 0;
        for (XdsType type : XdsType.values()) {
            changed |= from.get(type) == to.get(type) ? 0 : 1 << type.ordinal();
        }
        lastTurn = new Turn(from, to, changed);
        return changed;
    }

    NameSet names(List<String> names) {
        return nameSets.of(names);
    }

    Step.Holds holds(Map<String, String> versions) {
        return holdsSets.of(versions);
    }

    /** To be called every second or so: forgets what was not used since, so that memory falls when nothing happens. */
    public void forgetIfIdle() {
        if (steps.forgetIfIdle()) {
            holdsSets.clear();
            differences.clear();
        }
        responses.forgetIfIdle();
        lastTurn = new Turn(Map.of(), Map.of(), 0);
    }
}
