package io.meridian.cli.verb;

import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.session.Console;
import picocli.CommandLine.Option;

/** Has a name typed before something that cannot be taken back. */
final class Confirmation {
    @Option(names = "--yes", description = "Do not ask.")
    boolean yes;

    /** Whether a person is to be asked. A usage failure where there is nobody: before anything is sent. */
    boolean isToBeAsked(Console console) {
        if (!yes && !console.asks()) {
            throw CliFailure.usage("--yes: is required where stdin is no terminal, since nobody can be asked");
        }
        return !yes;
    }

    /** @param what "region": whose name is to be typed */
    static void ask(Console console, String what, String name) {
        String typed = console.ask("Type the " + what + "'s name (" + name + ") to go on: ");
        if (!typed.equals(name)) {
            throw CliFailure.usage("\"" + typed + "\" is not \"" + name + "\"; nothing was changed");
        }
    }
}
