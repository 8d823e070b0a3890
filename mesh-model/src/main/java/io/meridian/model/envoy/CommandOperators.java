package io.meridian.model.envoy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Texts with command operators, such as {@code %REQ(:PATH)%}: formats of access logs and values of headers (envoyproxy.io, "Access logging",
 * "Command operators"). The table has what every Envoy of the supported Istio versions (1.25 and later: Envoy 1.33 and later) knows without
 * an extension; operators that came later are refused, since an older proxy would refuse them.
 */
public final class CommandOperators {
    /** {@code %NAME(ARGUMENTS):LENGTH%} from where a % stands, or {@code %%}. */
    private static final Pattern COMMAND = Pattern.compile("%(?:%|([A-Z0-9_]+)(?:\\(([^)\\r\\n]*)\\))?(:\\d{1,9})?%)");

    private static final Pattern HEADER = Pattern.compile(":?[-A-Za-z0-9_.]+");
    private static final Pattern HEADERS = Pattern.compile(HEADER + "(\\?" + HEADER + ")?");
    private static final Pattern FILTER_STATE = Pattern.compile("[^:]+(:(PLAIN|TYPED|FIELD:[^:]+))?");
    private static final Pattern COMMON_DURATION = Pattern.compile("[^:]+:[^:]+:(ms|us|ns)");
    private static final int MAX_SHOWN = 60;

    /** What may stand in an operator's parentheses. */
    private sealed interface Arguments {
        record None() implements Arguments {}

        record Optional() implements Arguments {}

        /** {@code form}: of what is required, as shown to people. */
        record Required(Pattern pattern, String form, String example, boolean lengthAllowed) implements Arguments {}
    }

    private static final Arguments NONE = new Arguments.None();
    private static final Arguments TIME = new Arguments.Optional();
    private static final Pattern ANYTHING = Pattern.compile(".+");

    /** Those that take no arguments. */
    private static final Set<String> PLAIN = Set.of(
            "ACCESS_LOG_TYPE",
            "BYTES_RECEIVED",
            "BYTES_RETRANSMITTED",
            "BYTES_SENT",
            "CONNECTION_ID",
            "CONNECTION_TERMINATION_DETAILS",
            "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
            "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
            "DOWNSTREAM_DIRECT_REMOTE_PORT",
            "DOWNSTREAM_HANDSHAKE_DURATION",
            "DOWNSTREAM_HEADER_BYTES_RECEIVED",
            "DOWNSTREAM_HEADER_BYTES_SENT",
            "DOWNSTREAM_LOCAL_ADDRESS",
            "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
            "DOWNSTREAM_LOCAL_DNS_SAN",
            "DOWNSTREAM_LOCAL_IP_SAN",
            "DOWNSTREAM_LOCAL_PORT",
            "DOWNSTREAM_LOCAL_SUBJECT",
            "DOWNSTREAM_LOCAL_URI_SAN",
            "DOWNSTREAM_PEER_CERT",
            "DOWNSTREAM_PEER_DNS_SAN",
            "DOWNSTREAM_PEER_FINGERPRINT_1",
            "DOWNSTREAM_PEER_FINGERPRINT_256",
            "DOWNSTREAM_PEER_IP_SAN",
            "DOWNSTREAM_PEER_ISSUER",
            "DOWNSTREAM_PEER_SERIAL",
            "DOWNSTREAM_PEER_SUBJECT",
            "DOWNSTREAM_PEER_URI_SAN",
            "DOWNSTREAM_REMOTE_ADDRESS",
            "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
            "DOWNSTREAM_REMOTE_PORT",
            "DOWNSTREAM_TLS_CIPHER",
            "DOWNSTREAM_TLS_SESSION_ID",
            "DOWNSTREAM_TLS_VERSION",
            "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
            "DOWNSTREAM_WIRE_BYTES_RECEIVED",
            "DOWNSTREAM_WIRE_BYTES_SENT",
            "DURATION",
            "FILTER_CHAIN_NAME",
            "GRPC_STATUS",
            "GRPC_STATUS_NUMBER",
            "HOSTNAME",
            "LOCAL_REPLY_BODY",
            "PACKETS_RETRANSMITTED",
            "PROTOCOL",
            "REQUESTED_SERVER_NAME",
            "REQUEST_DURATION",
            "REQUEST_HEADERS_BYTES",
            "REQUEST_TX_DURATION",
            "RESPONSE_CODE",
            "RESPONSE_CODE_DETAILS",
            "RESPONSE_DURATION",
            "RESPONSE_FLAGS",
            "RESPONSE_FLAGS_LONG",
            "RESPONSE_HEADERS_BYTES",
            "RESPONSE_TRAILERS_BYTES",
            "RESPONSE_TX_DURATION",
            "ROUNDTRIP_DURATION",
            "ROUTE_NAME",
            "STREAM_ID",
            "TLS_JA3_FINGERPRINT",
            "TRACE_ID",
            "UNIQUE_ID",
            "UPSTREAM_CLUSTER",
            "UPSTREAM_CLUSTER_RAW",
            "UPSTREAM_CONNECTION_ID",
            "UPSTREAM_HEADER_BYTES_RECEIVED",
            "UPSTREAM_HEADER_BYTES_SENT",
            "UPSTREAM_HOST",
            "UPSTREAM_LOCAL_ADDRESS",
            "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
            "UPSTREAM_LOCAL_PORT",
            "UPSTREAM_PEER_CERT",
            "UPSTREAM_PEER_ISSUER",
            "UPSTREAM_PEER_SUBJECT",
            "UPSTREAM_PROTOCOL",
            "UPSTREAM_REMOTE_ADDRESS",
            "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
            "UPSTREAM_REMOTE_PORT",
            "UPSTREAM_REQUEST_ATTEMPT_COUNT",
            "UPSTREAM_TLS_CIPHER",
            "UPSTREAM_TLS_SESSION_ID",
            "UPSTREAM_TLS_VERSION",
            "UPSTREAM_TRANSPORT_FAILURE_REASON",
            "UPSTREAM_WIRE_BYTES_RECEIVED",
            "UPSTREAM_WIRE_BYTES_SENT",
            "VIRTUAL_CLUSTER_NAME");

    private static final Map<String, Arguments> OPERATORS = operators();

    private CommandOperators() {}

    /** What is wrong with it, and where; empty if Envoy takes it. */
    public static Optional<String> problem(String text) {
        Matcher command = COMMAND.matcher(text);
        int at = text.indexOf('%');
        while (at >= 0) {
            command.region(at, text.length());
            if (!command.lookingAt()) {
                return Optional.of("has a % at character " + (at + 1) + " that begins no %COMMAND%: \""
                        + shown(text.substring(at)) + "\"; write %% for a plain %");
            }
            String name = command.group(1);
            if (name != null) {
                Optional<String> problem = problem(name, command.group(2), command.group(3) != null);
                if (problem.isPresent()) {
                    return Optional.of(
                            "has " + shown(command.group()) + " at character " + (at + 1) + ": " + problem.get());
                }
            }
            at = text.indexOf('%', command.end());
        }
        return Optional.empty();
    }

    private static Optional<String> problem(String name, @Nullable String arguments, boolean length) {
        Arguments allowed = OPERATORS.get(name);
        return switch (allowed) {
            case null ->
                Optional.of(name + " is none of the command operators of Envoy 1.33 (those are %REQ(HEADER)%,"
                        + " %RESP(HEADER)%, %RESPONSE_CODE%, %DURATION%, %START_TIME%, ...; see Envoy's documentation of access"
                        + " logging); write %% for a plain %");
            case Arguments.None none ->
                arguments == null && !length
                        ? Optional.empty()
                        : Optional.of("write %" + name + "% without arguments and without a length");
            case Arguments.Optional optional ->
                length
                        ? Optional.of("write %" + name + "% or %" + name + "(FORMAT)%, without a length")
                        : Optional.empty();
            case Arguments.Required required -> {
                boolean wrong = arguments == null
                        || !required.pattern().matcher(arguments).matches();
                yield wrong || (length && !required.lengthAllowed())
                        ? Optional.of("write %" + name + "(" + required.form() + ")"
                                + (required.lengthAllowed()
                                        ? "% or %" + name + "(" + required.form() + "):LENGTH%"
                                        : "%"))
                        : Optional.empty();
            }
        };
    }

    /** One use of each operator, by name: to be shown, and to be checked against a real proxy. */
    public static List<String> examples() {
        return OPERATORS.entrySet().stream()
                .map(operator -> "%" + operator.getKey()
                        + switch (operator.getValue()) {
                            case Arguments.None none -> "";
                            case Arguments.Optional optional -> "(%s)";
                            case Arguments.Required required -> "(" + required.example() + ")";
                        }
                        + "%")
                .sorted()
                .toList();
    }

    private static String shown(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private static Map<String, Arguments> operators() {
        Arguments header = new Arguments.Required(HEADERS, "HEADER?ALTERNATIVE", ":path?x-path", true);
        Arguments named = new Arguments.Required(ANYTHING, "NAME", "HOME", true);
        Arguments metadata = new Arguments.Required(ANYTHING, "NAMESPACE:KEY", "istio:name", false);
        Arguments state = new Arguments.Required(FILTER_STATE, "KEY:PLAIN|TYPED|FIELD:NAME", "a:PLAIN", true);
        Map<String, Arguments> special = Map.ofEntries(
                Map.entry("REQ", header),
                Map.entry("RESP", header),
                Map.entry("TRAILER", header),
                Map.entry("DYNAMIC_METADATA", new Arguments.Required(ANYTHING, "NAMESPACE:KEY", "istio:name", true)),
                Map.entry("CLUSTER_METADATA", metadata),
                Map.entry("UPSTREAM_METADATA", metadata),
                Map.entry("FILTER_STATE", state),
                Map.entry("UPSTREAM_FILTER_STATE", state),
                Map.entry("ENVIRONMENT", named),
                Map.entry(
                        "COMMON_DURATION",
                        new Arguments.Required(COMMON_DURATION, "START:END:ms|us|ns", "DS_RX_BEG:DS_RX_END:ms", false)),
                Map.entry("START_TIME", TIME),
                Map.entry("EMIT_TIME", TIME),
                Map.entry("DOWNSTREAM_PEER_CERT_V_START", TIME),
                Map.entry("DOWNSTREAM_PEER_CERT_V_END", TIME),
                Map.entry("UPSTREAM_PEER_CERT_V_START", TIME),
                Map.entry("UPSTREAM_PEER_CERT_V_END", TIME));
        Stream<Map.Entry<String, Arguments>> plain = PLAIN.stream().map(name -> Map.entry(name, NONE));
        return Stream.concat(special.entrySet().stream(), plain)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
