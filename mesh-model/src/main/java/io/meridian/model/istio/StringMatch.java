package io.meridian.model.istio;

/** How a string is compared; case-sensitive. Istio's {@code StringMatch}. */
public sealed interface StringMatch {
    record Exact(String value) implements StringMatch {}

    record Prefix(String value) implements StringMatch {}

    /** RE2 syntax, matching the whole string. */
    record Regex(String pattern) implements StringMatch {}

    /** No condition on the value: the header or parameter has only to be there ({@code {}} in YAML). */
    record Present() implements StringMatch {}
}
