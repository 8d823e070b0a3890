package io.meridian.cli.verb;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.Member;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.rpc.ErrorReport;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of a verb that changes members: shows the plans and asks, changes one mesh after the other, and reports; one that is refused stops no other. */
final class MemberRun {
    /** An answer waits for a majority, of which a region may have to catch up first. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** What became of one mesh: in words, and for programs. */
    record Change(String text, Map<String, @Nullable Object> tree) {}

    private final Session session;
    private final MemberOptions options;
    private final String region;
    private List<String> meshes = List.of();

    MemberRun(Session session, MemberOptions options, String region) {
        this.session = session;
        this.options = options;
        this.region = region;
        options.require();
    }

    /** {@code request}: without its mesh. */
    MemberRun confirmed(Confirmation confirmation, PlanMembersRequest request) {
        if (confirmation.isToBeAsked(session.console())) {
            meshes = options.meshes(session);
            for (String mesh : meshes) {
                PlanMembersRequest asked =
                        request.toBuilder().setMesh(Names.mesh(mesh)).build();
                tell(text(session.servers()
                        .call(channel ->
                                RegionServiceGrpc.newBlockingStub(channel).planMembers(asked))));
            }
            Confirmation.ask(session.console(), "region", region);
        }
        return this;
    }

    int run(BiFunction<Channel, String, Change> change) {
        if (meshes.isEmpty()) {
            meshes = options.meshes(session);
        }
        List<Map<String, @Nullable Object>> trees = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        int exitCode = ExitCode.DONE;
        for (String mesh : meshes) {
            try {
                Change done = session.servers()
                        .call(session.timeoutOr(DEFAULT_TIMEOUT), channel -> change.apply(channel, mesh));
                Map<String, @Nullable Object> tree = new LinkedHashMap<>();
                tree.put("mesh", mesh);
                tree.put("region", region);
                tree.putAll(done.tree());
                trees.add(tree);
                if (!options.output.isTree()) {
                    session.console()
                            .line(
                                    options.output.isName()
                                            ? "mesh/" + mesh
                                            : "mesh/" + mesh + ": region/" + region + " " + done.text());
                }
            } catch (StatusRuntimeException e) {
                CliFailure failure = explained(e, mesh);
                exitCode = exitCode == ExitCode.DONE ? failure.exitCode() : exitCode;
                failures.addAll(failure.lines());
            }
        }
        if (options.output.isTree()) {
            session.console().print(options.output.tree(Map.of("changes", trees)));
        }
        if (!failures.isEmpty()) {
            throw new CliFailure(exitCode, failures);
        }
        return ExitCode.DONE;
    }

    private CliFailure explained(StatusRuntimeException e, String mesh) {
        CliFailure failure = ErrorReport.of(e);
        Status.Code code = e.getStatus().getCode();
        List<String> lines = new ArrayList<>();
        failure.lines().forEach(line -> lines.add(meshes.size() == 1 ? line : "mesh " + mesh + ": " + line));
        if (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED) {
            lines.add(
                    session.servers().nothingDone()
                            ? "nothing was changed in mesh " + mesh
                            : "it may have happened or not: 'meridian regions --mesh " + mesh
                                    + "' shows the members; the same command with --request-id "
                                    + options.requestId() + " is safe to repeat");
        }
        return new CliFailure(failure.exitCode(), lines);
    }

    /** For people, and at once: on stdout unless that is for a program. */
    private void tell(String text) {
        if (options.output.isTree() || options.output.isName()) {
            session.console().err().print(text);
            session.console().err().flush();
        } else {
            session.console().print(text);
            session.console().flush();
        }
    }

    static Map<String, @Nullable Object> tree(WriteResponse write) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("position", ProtoTree.of(write.getPosition()));
        tree.put("unchanged", write.getUnchanged());
        tree.put("replayed", write.getReplayed());
        return tree;
    }

    private static String text(MembersPlan plan) {
        StringBuilder text =
                new StringBuilder("mesh " + Names.last(plan.getMesh()) + ", home " + plan.getHomeRegion() + "\n");
        line(text, "Members", names(plan.getMembersList()));
        line(text, "Afterwards", names(plan.getMembersAfterList()));
        line(
                text,
                "Voters",
                plan.getReachableAfterCount() + " of " + plan.getMembersAfterCount() + " reachable, "
                        + plan.getMajorityAfter() + " are a majority"
                        + (plan.getUnreachableAfterCount() == 0
                                ? ""
                                : "; not reachable: " + String.join(", ", plan.getUnreachableAfterList())));
        line(text, "Durability", plan.getDurability());
        if (plan.getProxiesThatStayBehind() > 0) {
            line(
                    text,
                    "Proxies",
                    plan.getProxiesThatStayBehind()
                            + " are served by the region that leaves, and will hear of no change any more: move them first");
        }
        plan.getObstaclesList().forEach(obstacle -> line(text, "Obstacle", obstacle));
        return text.toString();
    }

    private static String names(List<Member> members) {
        return members.stream()
                .map(member -> member.getName() + (member.getWitness() ? " (witness)" : ""))
                .collect(Collectors.joining(", "));
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append("  ")
                .append(String.format(Locale.ROOT, "%-12s", label + ":"))
                .append(value.replaceAll("\\p{Cntrl}+", " "))
                .append('\n');
    }
}
