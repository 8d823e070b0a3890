package io.meridian.cli.verb;

import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian handover}. */
@Command(
        name = "handover",
        description = {
            "Moves a mesh's home to another region with nothing lost; writes pause for a moment. Needs the home.",
            "Shows what it means and has the region's name typed, unless --yes is given."
        },
        footer = {"", "meridian handover --mesh bookinfo --to us-1 --reason 'maintenance of eu-1'"})
public final class HandoverVerb extends Verb {
    @Mixin
    MoveOptions move = new MoveOptions();

    public HandoverVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        return new HomeMove(
                        session(),
                        move,
                        (channel, request) ->
                                RegionServiceGrpc.newBlockingStub(channel).handover(request))
                .run(false);
    }
}
