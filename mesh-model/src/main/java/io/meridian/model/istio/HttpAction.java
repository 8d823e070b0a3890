package io.meridian.model.istio;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The one of {@code route}, {@code redirect}, {@code directResponse} and {@code delegate} that an {@link HttpRoute} has. */
public sealed interface HttpAction {

    /** To the destinations by weight. Empty only in specs that validation refuses: such a route is to be left out. */
    record Forward(List<HttpDestination> route) implements HttpAction {
        public Forward {
            route = List.copyOf(route);
        }
    }

    /** {@code weight}: 0 when unset; a lone destination takes everything whatever its weight. */
    record HttpDestination(Destination destination, int weight, HeaderOperations.Both headers) {}

    /**
     * @param uri the whole path
     * @param prefixRewrite replaces what the matched prefix was
     * @param port at most one of it and {@code derivePort}
     * @param code 301 when unset
     */
    record Redirect(
            Optional<String> uri,
            Optional<String> prefixRewrite,
            Optional<String> authority,
            OptionalInt port,
            Optional<DerivePort> derivePort,
            Optional<String> scheme,
            int code)
            implements HttpAction {}

    /** How a redirect finds its port when the scheme changes. */
    enum DerivePort {
        FROM_PROTOCOL_DEFAULT,
        FROM_REQUEST_PORT
    }

    record DirectResponse(int status, Optional<ByteString> body) implements HttpAction {}

    /** The routes of another VirtualService, one without hosts. {@code namespace} unset: that of the referring one. */
    record Delegate(String name, Optional<String> namespace) implements HttpAction {}
}
