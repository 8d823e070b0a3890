package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.List;

/** What a client was sent of one type, and what is there for it. Immutable. */
public record ServedType(XdsType type, List<Item> items) {
    public ServedType {
        items = List.copyOf(items);
    }

    /**
     * One resource in its last sent version, or, if it is {@link StreamStatus.State#NOT_SENT}, one that the client did not ask for or that
     * is about to go.
     */
    public record Item(XdsResource resource, StreamStatus.State state) {}
}
