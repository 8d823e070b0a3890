package io.meridian.cli.verb;

import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb that only has verbs of its own; alone it says which. */
abstract class Group extends Verb {
    @Spec
    @Nullable
    CommandSpec spec;

    Group(Session session) {
        super(session);
    }

    @Override
    public final Integer call() {
        if (spec != null) {
            console()
                    .error("which of "
                            + String.join(
                                    ", ",
                                    spec.subcommands().values().stream()
                                            .map(CommandLine::getCommandName)
                                            .distinct()
                                            .toList())
                            + "?");
            console().err().println("Try '" + spec.qualifiedName() + " --help'.");
        }
        return ExitCode.USAGE;
    }
}
