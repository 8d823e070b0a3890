package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsType;

/** What a request said about an earlier response, or of what is not served; for logs and metrics. */
public sealed interface Heard {
    Heard NOTHING = new Nothing();

    record Nothing() implements Heard {}

    /** {@code response}: which was acknowledged. */
    record Acknowledged(XdsType type, Unanswered response) implements Heard {}

    /** {@code response}: which was refused. */
    record Refused(XdsType type, Unanswered response, String message) implements Heard {}

    /** Told once per stream and type. */
    record UnservedType(String typeUrl) implements Heard {}
}
