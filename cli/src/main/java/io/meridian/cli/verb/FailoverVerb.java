package io.meridian.cli.verb;

import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian failover} and {@code meridian failover plan}. */
@Command(
        name = "failover",
        description = {
            "Makes a region the home of a mesh without the old home, which was lost.",
            "Shows what it means and has the region's name typed, unless --yes is given. What only the old home had is listed once it is back (branches)."
        },
        footer = {
            "",
            "meridian failover plan --mesh bookinfo --to us-1",
            "meridian failover --mesh bookinfo --to us-1 --reason 'eu-1 burnt down'"
        },
        subcommands = FailoverVerb.Plan.class)
public final class FailoverVerb extends Verb {
    @Option(
            names = "--without-majority",
            description =
                    "Do it with fewer promises than a majority of the regions; the regions that are not heard may go on without.")
    boolean withoutMajority;

    @Mixin
    MoveOptions move = new MoveOptions();

    public FailoverVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        return new HomeMove(
                        session(),
                        move,
                        (channel, request) ->
                                RegionServiceGrpc.newBlockingStub(channel).failover(request))
                .run(withoutMajority);
    }

    /** {@code failover plan}. */
    @Command(name = "plan", description = "What a failover to a region would mean now. Changes nothing.")
    static final class Plan extends Verb {
        @Option(
                names = "--to",
                required = true,
                paramLabel = "REGION",
                description = "The region that would be the home.")
        String to = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Plan(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            FailoverPlan plan = HomeMove.plan(session(), session().mesh(mesh.mesh), to);
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(plan)));
            } else if (output.isName()) {
                console().line(plan.getAdvice());
            } else {
                console().print(PlanText.of(plan));
            }
            return ExitCode.DONE;
        }
    }
}
