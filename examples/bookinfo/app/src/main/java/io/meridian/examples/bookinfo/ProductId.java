package io.meridian.examples.bookinfo;

import java.util.Optional;

/** The number of a book in a path. */
final class ProductId {
    static final String MESSAGE = "please provide numeric product id";

    private static final int MAX_DIGITS = 9;

    private ProductId() {}

    static Optional<Long> parse(String text) {
        return text.matches("\\d{1," + MAX_DIGITS + "}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }
}
