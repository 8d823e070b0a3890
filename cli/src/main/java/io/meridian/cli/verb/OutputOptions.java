package io.meridian.cli.verb;

import io.meridian.cli.text.Json;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Yaml;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a verb prints what it got. */
final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} by default.")
    OutputFormat format = OutputFormat.table;

    @Option(names = "--no-headers", description = "Tables without their first line.")
    boolean noHeaders;

    /** Whether it is for programs: the whole answer as a tree. */
    boolean isTree() {
        return format == OutputFormat.json || format == OutputFormat.yaml;
    }

    /** Only for {@link #isTree}. */
    String tree(@Nullable Object tree) {
        return format == OutputFormat.json ? Json.pretty(tree) : Yaml.write(tree);
    }

    boolean isWide() {
        return format == OutputFormat.wide;
    }

    boolean isName() {
        return format == OutputFormat.name;
    }

    String table(Table table) {
        return table.text(!noHeaders);
    }

    static String lines(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }
}
