package io.meridian.cli.verb;

import io.grpc.Channel;
import io.meridian.api.admin.v1.ChangeMembersRequest;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ReplaceRegionRequest;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian regions join}, {@code leave} and {@code replace}. */
final class MembersVerbs {
    private MembersVerbs() {}

    private static MemberRun.Change change(String done, WriteResponse write) {
        String text = write.getUnchanged()
                ? "nothing had to change"
                : done + " at " + Positions.text(write.getPosition())
                        + (write.getReplayed() ? " (already applied)" : "");
        return new MemberRun.Change(text, new LinkedHashMap<>(Map.of(done, MemberRun.tree(write))));
    }

    private static ChangeMembersRequest request(String mesh, String region, MemberOptions options) {
        return ChangeMembersRequest.newBuilder()
                .setMesh(Names.mesh(mesh))
                .setRegion(region)
                .setWithoutMajority(options.withoutMajority)
                .setOptions(options.toProto())
                .build();
    }

    /** {@code plan}: what is shown before, without its mesh; the region that leaves is the one whose name is typed. */
    private static int runConfirmed(
            Session session,
            MemberOptions options,
            Confirmation confirmation,
            PlanMembersRequest plan,
            BiFunction<Channel, String, MemberRun.Change> change) {
        return new MemberRun(session, options, plan.getLeavingRegion())
                .confirmed(confirmation, plan)
                .run(change);
    }

    /** {@code regions join}. */
    @Command(
            name = "join",
            description = {
                "Makes a region a member of a mesh: it holds the mesh's log and votes on its home.",
                "The regions' configurations have to name it. Answered when a majority of the members holds the change."
            },
            footer = {"", "meridian regions join us-2 --mesh bookinfo --reason 'a fourth region'"})
    static final class Join extends Verb {
        @Parameters(paramLabel = "REGION", description = "The region's name.")
        String region = "";

        @Mixin
        MemberOptions options = new MemberOptions();

        Join(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            return new MemberRun(session(), options, region)
                    .run((channel, mesh) -> change(
                            "joined",
                            RegionServiceGrpc.newBlockingStub(channel)
                                    .joinRegion(request(mesh, region, options))
                                    .getWrite()));
        }
    }

    /** {@code regions leave}. */
    @Command(
            name = "leave",
            description = {
                "Lets a region leave a mesh: it no longer follows the mesh's log, nor votes. Not for the home: hand it over first.",
                "Shows what it means and has the region's name typed, unless --yes is given."
            },
            footer = {"", "meridian regions leave us-1 --mesh bookinfo --reason 'us-1 is closed'"})
    static final class Leave extends Verb {
        @Parameters(paramLabel = "REGION", description = "The region's name.")
        String region = "";

        @Mixin
        MemberOptions options = new MemberOptions();

        @Mixin
        Confirmation confirmation = new Confirmation();

        Leave(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            PlanMembersRequest plan =
                    PlanMembersRequest.newBuilder().setLeavingRegion(region).build();
            return runConfirmed(session(), options, confirmation, plan, this::leave);
        }

        private MemberRun.Change leave(Channel channel, String mesh) {
            return change(
                    "left",
                    RegionServiceGrpc.newBlockingStub(channel)
                            .leaveRegion(request(mesh, region, options))
                            .getWrite());
        }
    }

    /** {@code regions replace}. */
    @Command(
            name = "replace",
            description = {
                "Replaces a lost region of a mesh: another joins, and when a majority holds that, the lost one leaves.",
                "Shows what it means and has the lost region's name typed, unless --yes is given. Repeated with the same --request-id it goes on where it was."
            },
            footer = {"", "meridian regions replace us-1 --with us-2 --mesh bookinfo --reason 'us-1 burnt down'"})
    static final class Replace extends Verb {
        @Parameters(paramLabel = "OLD", description = "The lost region's name.")
        String region = "";

        @Option(
                names = "--with",
                required = true,
                paramLabel = "NEW",
                description = "The region that takes its place, with a name and an index of its own.")
        String with = "";

        @Mixin
        MemberOptions options = new MemberOptions();

        @Mixin
        Confirmation confirmation = new Confirmation();

        Replace(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            PlanMembersRequest plan = PlanMembersRequest.newBuilder()
                    .setLeavingRegion(region)
                    .setJoiningRegion(with)
                    .build();
            return runConfirmed(session(), options, confirmation, plan, this::replace);
        }

        private MemberRun.Change replace(Channel channel, String mesh) {
            ReplaceRegionResponse response = RegionServiceGrpc.newBlockingStub(channel)
                    .replaceRegion(ReplaceRegionRequest.newBuilder()
                            .setMesh(Names.mesh(mesh))
                            .setRegion(region)
                            .setWith(with)
                            .setWithoutMajority(options.withoutMajority)
                            .setOptions(options.toProto())
                            .build());
            MemberRun.Change left = change("left", response.getLeft());
            left.tree().put("joined", MemberRun.tree(response.getJoined()));
            return new MemberRun.Change("replaced by region/" + with + "; it " + left.text(), left.tree());
        }
    }
}
