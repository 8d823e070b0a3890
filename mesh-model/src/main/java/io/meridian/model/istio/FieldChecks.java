package io.meridian.model.istio;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Rules that several kinds share, applied at the reader's place. */
final class FieldChecks {
    static final String UNIX = "unix://";

    private FieldChecks() {}

    static void each(FieldReader in, String field, List<String> values, Function<String, Optional<String>> rule) {
        for (int i = 0; i < values.size(); i++) {
            in.check(field + "[" + i + "]", rule.apply(values.get(i)));
        }
    }

    static void unique(FieldReader in, String field, List<String> values, String what) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            if (!seen.add(values.get(i))) {
                in.error(field + "[" + i + "]", "duplicate " + what + " \"" + values.get(i) + "\"");
            }
        }
    }

    static Map<String, String> labels(FieldReader in, String field) {
        Map<String, String> labels = in.stringMap(field);
        labels.forEach((key, value) -> {
            in.check(field, Syntax.labelKey(key));
            in.check(field + "[" + key + "]", Syntax.labelValue(value));
        });
        return labels;
    }

    /** {@code inner}: "labels" or "matchLabels", as the kind has it. */
    static Optional<Map<String, String>> workloadSelector(FieldReader in, String inner) {
        return in.object("workloadSelector", selector -> {
            Map<String, String> labels = labels(selector, inner);
            if (labels.isEmpty()) {
                selector.warning("", "has no labels: it selects every workload of the namespace");
            }
            return labels;
        });
    }

    /** Istio's rules of visibility: {@code *} alone, no duplicates, {@code ~} for services only. */
    static List<String> exportTo(FieldReader in, String namespace, boolean noneAllowed) {
        List<String> entries = in.strings("exportTo");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            String entry = entries.get(i);
            String field = "exportTo[" + i + "]";
            boolean special = entry.equals(".") || entry.equals("*") || (noneAllowed && entry.equals("~"));
            if (!special && !Syntax.isDnsLabel(entry)) {
                in.error(field, "must be a namespace, \".\" (its own) or \"*\" (all), but is \"" + entry + "\"");
            }
            if (!seen.add(entry.equals(".") ? namespace : entry)) {
                in.error(field, "duplicate entry \"" + entry + "\"");
            }
            if (entries.size() > 1 && (entry.equals("*") || entry.equals("~"))) {
                in.error(field, "\"" + entry + "\" must stand alone");
            }
        }
        return entries;
    }

    /** {@code name}, {@code namespace/name}, {@code ./name} for one of the own namespace, or the reserved "mesh". */
    static void gatewayNames(FieldReader in, List<String> gateways) {
        for (int i = 0; i < gateways.size(); i++) {
            String name = gateways.get(i);
            String field = "gateways[" + i + "]";
            int slash = name.indexOf('/');
            if (slash < 0) {
                in.check(field, Syntax.fqdn(name));
                if (name.contains(".") && Syntax.fqdn(name).isEmpty()) {
                    in.warning(field, "the form \"" + name + "\" is deprecated; write namespace/name");
                }
            } else if (!isNamespace(name.substring(0, slash)) || !Syntax.isDnsLabel(name.substring(slash + 1))) {
                in.error(field, "must be a Gateway's name, namespace/name or ./name, but is \"" + name + "\"");
            }
        }
    }

    private static boolean isNamespace(String text) {
        return text.equals(".") || Syntax.isDnsLabel(text);
    }

    /** An address to listen on; {@code unix} paths only where they are allowed. */
    static void bind(FieldReader in, String field, Optional<String> bind, boolean unixAllowed) {
        bind.ifPresent(address -> {
            if (address.startsWith(UNIX) && unixAllowed) {
                in.check(field, Syntax.unixPath(address.substring(UNIX.length())));
            } else if (!Syntax.isIpAddress(address)) {
                in.error(
                        field,
                        "must be an IP address" + (unixAllowed ? " or unix://PATH" : "") + ", but is \"" + address
                                + "\"");
            }
        });
    }

    static StringMatch stringMatch(FieldReader in) {
        in.atMostOne("exact", "prefix", "regex");
        Optional<String> exact = in.rawString("exact");
        Optional<String> prefix = in.rawString("prefix");
        Optional<String> regex = in.rawString("regex");
        regex.ifPresent(pattern -> in.check("regex", Re2.problem(pattern)));
        if (prefix.isPresent() && prefix.get().isEmpty()) {
            in.error("prefix", "must not be empty");
        }
        if (exact.isPresent()) {
            return new StringMatch.Exact(exact.get());
        }
        if (prefix.isPresent()) {
            return new StringMatch.Prefix(prefix.get());
        }
        return regex.isPresent() ? new StringMatch.Regex(regex.get()) : new StringMatch.Present();
    }
}
