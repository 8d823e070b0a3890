package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.List;

/** What a request said about an earlier response, or of what is not served; for logs and metrics. */
public sealed interface Heard {
    Heard NOTHING = new Nothing();

    record Nothing() implements Heard {}

    /**
     * @param changed what of the response was new to the client
     * @param refusesOthers something that it was sent earlier it still refuses
     */
    record Acknowledged(XdsType type, List<XdsResource> changed, boolean refusesOthers) implements Heard {
        public Acknowledged {
            changed = List.copyOf(changed);
        }
    }

    record Refused(XdsType type, String message) implements Heard {}

    /** Told once per stream and type. */
    record UnservedType(String typeUrl) implements Heard {}
}
