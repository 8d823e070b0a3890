package io.meridian.cli.text;

import io.meridian.cli.exit.CliFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Trees as YAML 1.2, and back. A text that is none is a usage failure that names file, line and column. */
public final class Yaml {
    private static final int MAX_ALIASES = 50;

    private Yaml() {}

    public static String write(@Nullable Object tree) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(0)
                .setWidth(120)
                .build();
        return new Dump(settings).dumpToString(tree);
    }

    /**
     * @param source how the text is called in messages
     * @return maps, lists and scalars; null for an empty text
     */
    public static @Nullable Object parse(String source, String text) {
        try {
            return new Load(settings(source)).loadFromString(text);
        } catch (YamlEngineException e) {
            throw failure(source, e);
        }
    }

    /** The documents of a text as nodes, which know their places. */
    public static List<Node> compose(String source, String text) {
        try {
            List<Node> nodes = new java.util.ArrayList<>();
            new Compose(settings(source)).composeAllFromString(text).forEach(nodes::add);
            return nodes;
        } catch (YamlEngineException e) {
            throw failure(source, e);
        }
    }

    private static LoadSettings settings(String source) {
        return LoadSettings.builder()
                .setLabel(source)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .build();
    }

    private static CliFailure failure(String source, YamlEngineException e) {
        if (e instanceof MarkedYamlEngineException marked
                && marked.getProblemMark().isPresent()) {
            var mark = marked.getProblemMark().get();
            return CliFailure.usage(source + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1) + ": not YAML: "
                    + marked.getProblem());
        }
        return CliFailure.usage(source + ": not YAML: " + e.getMessage());
    }
}
