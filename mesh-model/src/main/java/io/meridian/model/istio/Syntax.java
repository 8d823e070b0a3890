package io.meridian.model.istio;

import io.meridian.model.envoy.IpAddresses;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The forms of names, hosts and addresses, by the rules of Istio's and Kubernetes' validation. Each method says what is wrong with a text, or
 * nothing; none looks anything up.
 */
final class Syntax {
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?");
    private static final Pattern WILDCARD_LABEL =
            Pattern.compile("\\*|(\\*-?)?[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?");
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern QUALIFIED_NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern HEADER_NAME = Pattern.compile("[-_A-Za-z0-9]+");
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");
    /** The size of sun_path in Linux, less the zero at its end. */
    private static final int MAX_UNIX_PATH_BYTES = 107;

    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_LABEL_PREFIX_LENGTH = 253;

    private Syntax() {}

    static boolean isDnsLabel(String text) {
        return DNS_LABEL.matcher(text).matches();
    }

    /** A host name without wildcard. */
    static Optional<String> fqdn(String host) {
        return host(host, false);
    }

    /** A host name that may begin with {@code *}. */
    static Optional<String> wildcardHost(String host) {
        return host(host, true);
    }

    /** {@code *-a.example.com}: a wildcard for a part of a label, which Envoy does not take where it matches by SNI. */
    static boolean isPartialWildcard(String host) {
        return host.startsWith("*") && host.length() > 1 && host.charAt(1) != '.';
    }

    private static Optional<String> host(String host, boolean wildcard) {
        String allowed = wildcard
                ? " (letters, digits and \"-\" in labels parted by dots, \"*\" only in front)"
                : " (letters, digits and \"-\" in labels parted by dots, no wildcard)";
        if (host.isEmpty()) {
            return Optional.of("must not be empty");
        }
        if (host.length() > MAX_HOST_LENGTH) {
            return Optional.of("is longer than " + MAX_HOST_LENGTH + " characters");
        }
        String[] labels = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).split("\\.", -1);
        for (int i = 0; i < labels.length; i++) {
            Pattern pattern = i == 0 && wildcard ? WILDCARD_LABEL : LABEL;
            if (!pattern.matcher(labels[i]).matches()) {
                return Optional.of("\"" + host + "\" is not a valid host" + allowed);
            }
        }
        if (labels.length > 1 && DIGITS.matcher(labels[labels.length - 1]).matches()) {
            return Optional.of("\"" + host + "\" is not a valid host: the top-level domain must not be all digits");
        }
        return Optional.empty();
    }

    static boolean isIpAddress(String text) {
        return IpAddresses.isValid(text);
    }

    /** An address or a CIDR. */
    static Optional<String> subnet(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (!isIpAddress(address)) {
            return Optional.of("\"" + text + "\" is not an IP address or CIDR");
        }
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            int max = address.contains(":") ? 128 : 32;
            if (length.length() > 3 || !DIGITS.matcher(length).matches() || Integer.parseInt(length) > max) {
                return Optional.of("\"" + text + "\" is not a CIDR: the prefix length must be 0 to " + max);
            }
        }
        return Optional.empty();
    }

    /** A text that goes into a header, such as a path or an authority: Envoy refuses control characters in it. */
    static Optional<String> headerText(String text) {
        return CONTROL.matcher(text).find()
                ? Optional.of("must not have control characters or line ends")
                : Optional.empty();
    }

    /** What follows {@code unix://}. */
    static Optional<String> unixPath(String path) {
        if (path.getBytes(StandardCharsets.UTF_8).length > MAX_UNIX_PATH_BYTES) {
            return Optional.of("\"unix://" + FieldReader.abbreviate(path) + "\" has a path of more than "
                    + MAX_UNIX_PATH_BYTES + " bytes, the system's limit");
        }
        boolean abstractName = path.startsWith("@");
        return abstractName || (path.startsWith("/") && !path.endsWith("/"))
                ? Optional.empty()
                : Optional.of("\"unix://" + path + "\" must name an absolute path of a file or begin with @");
    }

    static Optional<String> headerName(String name) {
        return HEADER_NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of("\"" + name + "\" is not a valid header name (letters, digits, - and _)");
    }

    /** A label's key: {@code name} or {@code prefix/name}. */
    static Optional<String> labelKey(String key) {
        int slash = key.indexOf('/');
        String prefix = slash < 0 ? "" : key.substring(0, slash);
        boolean prefixOk = slash < 0 || (prefix.length() <= MAX_LABEL_PREFIX_LENGTH && isDnsSubdomain(prefix));
        return prefixOk && QUALIFIED_NAME.matcher(key.substring(slash + 1)).matches()
                ? Optional.empty()
                : Optional.of("\"" + key
                        + "\" is not a valid label key (an optional DNS prefix and /, then at most 63 letters,"
                        + " digits, -, _ or .)");
    }

    static Optional<String> labelValue(String value) {
        return value.isEmpty() || QUALIFIED_NAME.matcher(value).matches()
                ? Optional.empty()
                : Optional.of("\"" + value
                        + "\" is not a valid label value (at most 63 letters, digits, -, _ or ., beginning and ending with"
                        + " a letter or digit)");
    }

    /** RFC 1123: what names of most Kubernetes objects look like. */
    static boolean isDnsSubdomain(String text) {
        if (text.isEmpty() || text.length() > MAX_LABEL_PREFIX_LENGTH) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (!isDnsLabel(label)) {
                return false;
            }
        }
        return true;
    }
}
