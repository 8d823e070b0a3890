package io.meridian.cli.verb;

import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian branches reapply}. */
@Command(
        name = "reapply",
        description = {
            "Brings commands of a branch back, each as a new change that cites where it stood.",
            "Without ENTRY: all open ones that conflict with nothing and are not for an operator to decide. Exit code 5 if a named one stays open."
        },
        footer = {
            "",
            "meridian branches reapply 65-41 --mesh bookinfo --reason 'lost in the failover'",
            "meridian branches reapply 65-41 65.42 --force --mesh bookinfo --reason 'checked by hand'"
        })
final class BranchReapplyVerb extends Verb {
    @Option(
            names = "--force",
            description = "Also what conflicts, or is for an operator to decide; the entries must be named.")
    boolean force;

    @Mixin
    BranchArguments arguments = new BranchArguments();

    BranchReapplyVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (force && arguments.entries.isEmpty()) {
            throw CliFailure.usage(
                    "--force: name the entries that are to be brought back in spite of what speaks against them");
        }
        arguments.write.requireReason();
        return arguments.resolve(
                session(),
                force,
                "reapplied",
                (channel, request) -> RegionServiceGrpc.newBlockingStub(channel).reapplyBranch(request));
    }
}
