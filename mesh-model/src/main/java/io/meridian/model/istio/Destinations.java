package io.meridian.model.istio;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code destination} objects. */
final class Destinations {
    private static final Destination NOWHERE = new Destination("", OptionalInt.empty(), Optional.empty());

    private Destinations() {}

    static Destination required(FieldReader in, String field) {
        in.require(field);
        return in.object(field, Destinations::parse).orElse(NOWHERE);
    }

    static Destination parse(FieldReader in) {
        String host = in.requiredString("host").toLowerCase(Locale.ROOT);
        OptionalInt port = in.object("port", Destinations::portNumber).orElse(OptionalInt.empty());
        Optional<String> subset = in.string("subset");
        if (host.equals("*")) {
            in.error("host", "\"*\" is not a destination");
        } else if (!host.isEmpty()) {
            in.check("host", Syntax.wildcardHost(host));
        }
        subset.ifPresent(name -> in.check("subset", subsetName(name)));
        return new Destination(host, port, subset);
    }

    static OptionalInt portNumber(FieldReader in) {
        in.require("number");
        return in.port("number");
    }

    static Optional<String> subsetName(String name) {
        return Syntax.isDnsLabel(name)
                ? Optional.empty()
                : Optional.of("\"" + name
                        + "\" is not a valid subset name (at most 63 lower-case letters, digits and -, beginning and ending"
                        + " with a letter or digit)");
    }
}
