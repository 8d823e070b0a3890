package io.meridian.cli.verb;

import com.google.protobuf.ProtocolMessageEnum;
import io.meridian.cli.exit.CliFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Small languages of options: words for enum constants, and labels. */
final class Words {
    private Words() {}

    /** KUBERNETES_MANAGED as "kubernetes-managed"; a prefix ("MTLS_") may be left out. "-" for the unspecified. */
    static String of(Enum<?> constant, String prefix) {
        String name = constant.name();
        if (name.endsWith("UNSPECIFIED") || name.equals("UNRECOGNIZED")) {
            return "-";
        }
        return name.substring(name.startsWith(prefix) ? prefix.length() : 0)
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }

    /** The constant that a word means; a usage failure lists the words. */
    static <E extends Enum<E> & ProtocolMessageEnum> E parse(String option, String word, E[] constants, String prefix) {
        String wanted = word.toLowerCase(Locale.ROOT).replace('_', '-');
        for (E constant : constants) {
            String name = of(constant, prefix);
            if (!name.equals("-") && name.equals(wanted)) {
                return constant;
            }
        }
        String known = Stream.of(constants)
                .map(constant -> of(constant, prefix))
                .filter(name -> !name.equals("-"))
                .collect(Collectors.joining(", "));
        throw CliFailure.usage(option + ": \"" + word + "\" is none of " + known);
    }

    /**
     * "key=value" puts, "key-" removes.
     *
     * @param before what there is
     */
    static SortedMap<String, String> labels(String option, List<String> changes, Map<String, String> before) {
        SortedMap<String, String> labels = new TreeMap<>(before);
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals > 0) {
                labels.put(change.substring(0, equals), change.substring(equals + 1));
            } else if (equals < 0 && change.length() > 1 && change.endsWith("-")) {
                labels.remove(change.substring(0, change.length() - 1));
            } else {
                throw CliFailure.usage(option + ": \"" + change + "\" is neither KEY=VALUE nor, to remove it, KEY-");
            }
        }
        return labels;
    }

    /** "app=reviews,version=v1", in the order of the keys. */
    static String text(Map<String, String> labels) {
        List<String> pairs = new ArrayList<>();
        new TreeMap<>(labels).forEach((key, value) -> pairs.add(key + "=" + value));
        return String.join(",", pairs);
    }
}
