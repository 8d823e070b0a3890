package io.meridian.cli.verb;

import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Finding;
import io.meridian.cli.rpc.ErrorReport;
import io.meridian.cli.session.Console;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what a write did: its warnings on stderr, the rest as the output options say. */
final class WritePrinter {
    private final Console console;
    private final OutputOptions output;
    private final boolean dryRun;

    WritePrinter(Console console, OutputOptions output, WriteOptionsMixin options) {
        this.console = console;
        this.output = output;
        this.dryRun = options.dryRun;
    }

    /**
     * @param object "mesh/bookinfo"
     * @param done what happened to it: "created"
     * @param extra what the answer holds besides, for programs
     */
    void print(WriteResponse write, String object, String done, Map<String, ?> extra) {
        warnings(write.getWarningsList());
        if (output.isTree()) {
            tree(write, extra);
        } else if (output.isName()) {
            console.line(object);
        } else {
            console.line(object + " " + (write.getUnchanged() ? "unchanged" : done) + suffix(write));
        }
    }

    void tree(WriteResponse write, Map<String, ?> extra) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("position", ProtoTree.of(write.getPosition()));
        tree.put("unchanged", write.getUnchanged());
        tree.put("replayed", write.getReplayed());
        tree.put("dryRun", dryRun);
        tree.put("warnings", ProtoTree.list(write.getWarningsList()));
        tree.putAll(extra);
        console.print(output.tree(tree));
    }

    /** " at 0.12", " (dry run)". */
    String suffix(WriteResponse write) {
        if (dryRun) {
            return " (dry run)";
        }
        return " at " + Positions.text(write.getPosition()) + (write.getReplayed() ? " (already applied)" : "");
    }

    void warnings(List<Finding> findings) {
        for (Finding finding : findings) {
            String code = finding.getCode().isEmpty() ? "" : " [" + finding.getCode() + "]";
            console.warning(ErrorReport.finding(finding) + code);
        }
    }
}
