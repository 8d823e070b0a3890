package io.meridian.cli.verb;

import io.meridian.cli.exit.CliFailure;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Types of a proxy's configuration by the words that istioctl takes for them. */
enum ConfigType {
    clusters("CDS", "c"),
    listeners("LDS", "l"),
    routes("RDS", "r"),
    endpoints("EDS", "ep"),
    secrets("SDS", "s");

    private static final List<String> ALL = List.of("all", "a");

    private final String shortName;
    private final String abbreviation;

    ConfigType(String shortName, String abbreviation) {
        this.shortName = shortName;
        this.abbreviation = abbreviation;
    }

    /** "CDS", ... as the API has it. */
    String shortName() {
        return shortName;
    }

    private boolean is(String word) {
        return name().equals(word)
                || name().equals(word + "s")
                || abbreviation.equals(word)
                || shortName.toLowerCase(Locale.ROOT).equals(word);
    }

    static boolean isType(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return ALL.contains(lower) || Arrays.stream(values()).anyMatch(type -> type.is(lower));
    }

    /** Empty for all of them. */
    static Optional<ConfigType> parse(@Nullable String word) {
        if (word == null || ALL.contains(word.toLowerCase(Locale.ROOT))) {
            return Optional.empty();
        }
        String lower = word.toLowerCase(Locale.ROOT);
        return Optional.of(Arrays.stream(values())
                .filter(type -> type.is(lower))
                .findFirst()
                .orElseThrow(() -> CliFailure.usage(
                        "TYPE: \"" + word + "\" is none of clusters, listeners, routes, endpoints, secrets, all")));
    }
}
