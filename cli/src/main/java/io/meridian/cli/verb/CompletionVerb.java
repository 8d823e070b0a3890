package io.meridian.cli.verb;

import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code meridian completion}. */
@Command(
        name = "completion",
        description = "Prints a completion script.",
        footer = {"", "source <(meridian completion bash)", "source <(meridian completion zsh)"})
public final class CompletionVerb extends Verb {
    /** One script serves both: in zsh it turns bash's completion on by itself. */
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    @Nullable
    Shell shell;

    @Spec
    @Nullable
    CommandSpec spec;

    public CompletionVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (spec != null) {
            console().print(AutoComplete.bash("meridian", spec.root().commandLine()));
        }
        return ExitCode.DONE;
    }
}
