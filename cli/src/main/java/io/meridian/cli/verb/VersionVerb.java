package io.meridian.cli.verb;

import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.session.Version;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian version}. */
@Command(name = "version", description = "The version of this command.")
public final class VersionVerb extends Verb {
    @Mixin
    OutputOptions output = new OutputOptions();

    public VersionVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        String java = System.getProperty("java.version", "unknown");
        if (output.isTree()) {
            console().print(output.tree(new TreeMap<>(Map.of("version", Version.text(), "java", java))));
        } else {
            console().line("meridian " + Version.text() + (output.isWide() ? " (Java " + java + ")" : ""));
        }
        return ExitCode.DONE;
    }
}
