package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.ResourceResult;
import io.meridian.cli.session.Console;
import io.meridian.cli.text.ProtoTree;
import java.util.Map;

/** Prints what happened to each resource of a change, as kubectl does, and then the position. */
final class ResultPrinter {
    private final Console console;
    private final OutputOptions output;
    private final WritePrinter printer;

    ResultPrinter(Console console, OutputOptions output, WriteOptionsMixin write) {
        this.console = console;
        this.output = output;
        this.printer = new WritePrinter(console, output, write);
    }

    void print(ApplyResourcesResponse response) {
        printer.warnings(response.getWrite().getWarningsList());
        if (output.isTree()) {
            printer.tree(response.getWrite(), Map.of("results", ProtoTree.list(response.getResultsList())));
            return;
        }
        for (ResourceResult result : response.getResultsList()) {
            String name = Kinds.name(result.getKey());
            String outcome = Words.of(result.getOutcome(), "");
            String namespace = result.getKey().getNamespace();
            console.line(output.isName() ? name : name + " " + outcome + (output.isWide() ? " in " + namespace : ""));
        }
        if (!output.isName()) {
            boolean changed = !response.getWrite().getUnchanged();
            console.line((changed ? "applied" : "nothing to change") + printer.suffix(response.getWrite()));
        }
    }
}
