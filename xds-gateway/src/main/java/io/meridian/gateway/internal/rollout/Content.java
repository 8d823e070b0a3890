package io.meridian.gateway.internal.rollout;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;

/** One version of one resource: what is tried, and halted. */
record Content(XdsType type, String name, String version) {
    static Content of(XdsResource resource) {
        return new Content(resource.type(), resource.name(), resource.version());
    }
}
