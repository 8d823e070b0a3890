package io.meridian.cli.verb;

import io.meridian.cli.context.Context;
import io.meridian.cli.context.ContextFile;
import io.meridian.cli.context.Contexts;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Addresses;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian context}. */
@Command(
        name = "context",
        description = "Named servers and meshes, so that they need not be typed: list, use, set, delete.",
        footer = {"", "Kept in $XDG_CONFIG_HOME/meridian/contexts.yaml (~/.config if not set)."},
        subcommands = {ContextVerb.ListAll.class, ContextVerb.Use.class, ContextVerb.Set.class, ContextVerb.Delete.class
        })
public final class ContextVerb extends Group {
    public ContextVerb(Session session) {
        super(session);
    }

    /** {@code context list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the contexts; * marks the current one.")
    static final class ListAll extends Verb {
        @Mixin
        OutputOptions output = new OutputOptions();

        ListAll(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            Contexts contexts = session().contextFile().read();
            if (output.isTree()) {
                console().print(output.tree(tree(contexts)));
            } else if (output.isName()) {
                console()
                        .print(OutputOptions.lines(List.copyOf(contexts.byName().keySet())));
            } else {
                Table table = new Table("CURRENT", "NAME", "SERVER", "MESH");
                contexts.byName()
                        .forEach((name, context) -> table.row(
                                name.equals(contexts.current()) ? "*" : "",
                                name,
                                text(context.server()),
                                text(context.mesh())));
                console().print(output.table(table));
                if (table.isEmpty()) {
                    console().err().println("No contexts. 'meridian context set NAME --server HOST:PORT' makes one.");
                }
            }
            return ExitCode.DONE;
        }

        private static Map<String, @Nullable Object> tree(Contexts contexts) {
            List<Map<String, @Nullable Object>> list = new ArrayList<>();
            contexts.byName().forEach((name, context) -> {
                Map<String, @Nullable Object> entry = new LinkedHashMap<>();
                entry.put("name", name);
                entry.put("current", name.equals(contexts.current()));
                entry.put("server", context.server());
                entry.put("mesh", context.mesh());
                list.add(entry);
            });
            return Map.of("contexts", list);
        }

        private static String text(@Nullable String value) {
            return value == null ? "" : value;
        }
    }

    /** {@code context use}. */
    @Command(name = "use", description = "Makes a context the current one.")
    static final class Use extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        Use(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            ContextFile file = session().contextFile();
            Contexts contexts = file.read();
            requireKnown(file, contexts, name);
            file.write(contexts.using(name));
            console().line("context " + name + " is now the current one");
            return ExitCode.DONE;
        }
    }

    /** {@code context set}; --server is the global option. */
    @Command(
            name = "set",
            description = "Makes a context or changes it; what is not given stays. The first becomes the current one.")
    static final class Set extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Option(
                names = {"-m", "--mesh"},
                paramLabel = "MESH",
                description = "The mesh that is meant where none is given.")
        @Nullable
        String mesh;

        Set(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String server = session().globals().server;
            if (server == null && mesh == null) {
                throw CliFailure.usage("nothing to set: give --server HOST:PORT, --mesh MESH or both");
            }
            if (server != null) {
                Addresses.parse("--server", server);
            }
            ContextFile file = session().contextFile();
            Contexts contexts = file.read();
            Context before = contexts.get(name);
            file.write(contexts.with(
                    name, new Context(server != null ? server : before.server(), mesh != null ? mesh : before.mesh())));
            console().line("context " + name + " set");
            return ExitCode.DONE;
        }
    }

    /** {@code context delete}. */
    @Command(name = "delete", aliases = "rm", description = "Forgets a context.")
    static final class Delete extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        Delete(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            ContextFile file = session().contextFile();
            Contexts contexts = file.read();
            requireKnown(file, contexts, name);
            file.write(contexts.without(name));
            console().line("context " + name + " deleted");
            return ExitCode.DONE;
        }
    }

    private static void requireKnown(ContextFile file, Contexts contexts, String name) {
        if (!contexts.byName().containsKey(name)) {
            throw new CliFailure(ExitCode.NOT_FOUND, "there is no context \"" + name + "\" in " + file.path());
        }
    }
}
