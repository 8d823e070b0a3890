package io.meridian.model.istio;

import java.util.Optional;

/**
 * Changes of the request before it is forwarded.
 *
 * @param uri replaces the matched prefix, or the whole path of an exact or regex match; not together with {@code uriRegex}
 */
public record HttpRewrite(Optional<String> uri, Optional<String> authority, Optional<UriRegex> uriRegex) {
    /** {@code match} is RE2; {@code rewrite} may name its groups as {@code \1}. */
    public record UriRegex(String match, String rewrite) {}
}
