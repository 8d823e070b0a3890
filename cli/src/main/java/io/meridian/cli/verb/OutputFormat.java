package io.meridian.cli.verb;

/** What {@code -o} takes. */
enum OutputFormat {
    /** Columns for people. */
    table,
    /** More columns. */
    wide,
    json,
    yaml,
    /** KIND/NAME, one a line. */
    name
}
