package io.meridian.cli.verb;

import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian validate}: {@code apply --dry-run} without the options of a write. */
@Command(name = "validate", description = "Says what 'apply' would do with manifests, and changes nothing.")
public final class ValidateVerb extends Verb {
    @Mixin
    FileOptions files = new FileOptions();

    @Mixin
    NamespaceOption namespace = new NamespaceOption();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public ValidateVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (files.files.isEmpty()) {
            throw CliFailure.usage("what is to be validated? Give -f FILE");
        }
        WriteOptionsMixin dryRun = new WriteOptionsMixin();
        dryRun.dryRun = true;
        ApplyVerb.apply(this, session().mesh(mesh.mesh), files, namespace, dryRun, output);
        return ExitCode.DONE;
    }
}
