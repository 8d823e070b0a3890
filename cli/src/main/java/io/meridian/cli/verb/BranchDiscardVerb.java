package io.meridian.cli.verb;

import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian branches discard}. */
@Command(
        name = "discard",
        description = {
            "Gives commands of a branch up; they stay readable.",
            "Without ENTRY: all open ones. Has the branch's name typed, unless --yes is given."
        },
        footer = {"", "meridian branches discard 65-41 --mesh bookinfo --reason 'done again since'"})
final class BranchDiscardVerb extends Verb {
    @Mixin
    Confirmation confirmation = new Confirmation();

    @Mixin
    BranchArguments arguments = new BranchArguments();

    BranchDiscardVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        arguments.write.requireReason();
        if (confirmation.isToBeAsked(console())) {
            String mesh = session().mesh(arguments.mesh.mesh);
            String text = BranchText.details(
                    BranchesVerb.get(session(), mesh, arguments.name),
                    arguments.output,
                    session().now());
            console().err().print(text);
            Confirmation.ask(console(), "branch", arguments.name);
        }
        return arguments.resolve(
                session(),
                false,
                "discarded",
                (channel, request) -> RegionServiceGrpc.newBlockingStub(channel).discardBranch(request));
    }
}
