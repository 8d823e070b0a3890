package io.meridian.cli.verb;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Fetches all pages of a list. */
final class Pages {
    /** What is asked for at once; the most that the API gives. */
    static final int SIZE = 1_000;

    private Pages() {}

    /**
     * @param fetch from a page token, "" first, to a page
     * @param items of a page
     * @param next the token after a page; "" after the last
     */
    static <P, T> List<T> all(Function<String, P> fetch, Function<P, List<T>> items, Function<P, String> next) {
        List<T> all = new ArrayList<>();
        String token = "";
        do {
            P page = fetch.apply(token);
            all.addAll(items.apply(page));
            token = next.apply(page);
        } while (!token.isEmpty());
        return all;
    }
}
