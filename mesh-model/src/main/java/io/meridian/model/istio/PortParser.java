package io.meridian.model.istio;

import java.util.Optional;

/** {@code port} objects. */
final class PortParser {
    private PortParser() {}

    /** Number 0 and no name where they are not given or wrong. */
    static Port parse(FieldReader in, boolean zeroAllowed) {
        Optional<String> protocol = in.string("protocol");
        Protocol known = protocol.flatMap(Protocol::parse).orElse(Protocol.AUTO);
        if (protocol.isPresent() && known == Protocol.AUTO) {
            in.error("protocol", "must be one of " + Protocol.allowed() + ", but is \"" + protocol.get() + "\"");
        }
        if (!zeroAllowed) {
            in.require("number");
        }
        return new Port(
                in.integer("number", zeroAllowed ? 0 : 1, 65535).orElse(0),
                known,
                in.string("name").orElse(""),
                in.port("targetPort"));
    }

    static void checkName(FieldReader in, String field, String name) {
        if (!name.isEmpty() && !Syntax.isDnsLabel(name)) {
            in.error(field, "\"" + name + "\" is not a valid port name (lower-case letters, digits and -)");
        }
    }
}
