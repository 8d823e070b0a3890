package io.meridian.gateway.internal.protocol;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import java.util.List;
import java.util.Map;

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
    }
}
