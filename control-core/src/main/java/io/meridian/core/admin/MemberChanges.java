package io.meridian.core.admin;

import io.meridian.api.admin.v1.ChangeMembersRequest;
import io.meridian.api.admin.v1.ChangeMembersResponse;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.ReplaceRegionRequest;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** PlanMembers, JoinRegion, LeaveRegion and ReplaceRegion. Blocks; runs on virtual threads. */
final class MemberChanges {
    /** For clients that name no deadline: an answer waits for a majority, of which a region may have to catch up first. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    private static final String PLANNED = "the plan of a change of members";
    private static final int SUFFIX_CHARS = 8;

    private final Reads reads;
    private final Writes writes;
    private final KnownRegions regions;
    private final Proxies proxies;

    MemberChanges(Reads reads, Writes writes, KnownRegions regions, Proxies proxies) {
        this.reads = reads;
        this.writes = writes;
        this.regions = regions;
        this.proxies = proxies;
    }

    ChangeMembersResponse join(ChangeMembersRequest request, Call call) throws Exception {
        regions.require("region", request.getRegion());
        return change(request, new MeshCommand.JoinRegion(request.getRegion(), request.getWithoutMajority()), call);
    }

    ChangeMembersResponse leave(ChangeMembersRequest request, Call call) throws Exception {
        requireName("region", request.getRegion());
        return change(request, new MeshCommand.LeaveRegion(request.getRegion(), request.getWithoutMajority()), call);
    }

    private ChangeMembersResponse change(ChangeMembersRequest request, MeshCommand command, Call call)
            throws Exception {
        MeshId mesh = Names.mesh("mesh", request.getMesh());
        Writes.requireReason(request.getOptions());
        CommandRequest asked = writes.request(mesh, command, request.getOptions(), call);
        return ChangeMembersResponse.newBuilder()
                .setWrite(Writes.response(Answers.await(writes.accept(asked, call), call)))
                .build();
    }

    /** Each change has an id of its own, made of the request's: a repeated call applies neither twice. */
    ReplaceRegionResponse replace(ReplaceRegionRequest request, Call call) throws Exception {
        MeshId mesh = Names.mesh("mesh", request.getMesh());
        requireName("region", request.getRegion());
        regions.require("with", request.getWith());
        if (request.getRegion().equals(request.getWith())) {
            throw Errors.invalid(
                    "with", "a lost region is replaced by one with another name and index: its promises are lost");
        }
        WriteOptions options = request.getOptions();
        Writes.requireReason(options);
        if (options.hasExpectedPosition() || options.getValidateOnly()) {
            throw Errors.invalid(
                    options.getValidateOnly() ? "options.validate_only" : "options.expected_position",
                    "is not for a replacement, which is two changes: PlanMembers says what it means");
        }
        String id = Writes.requestId(options.getRequestId());
        if (id.length() > Writes.MAX_REQUEST_ID_CHARS - SUFFIX_CHARS) {
            throw Errors.invalid(
                    "options.request_id",
                    "must have at most " + (Writes.MAX_REQUEST_ID_CHARS - SUFFIX_CHARS) + " characters here");
        }
        requireCanLeave(Answers.await(reads.active(mesh, Optional.empty(), call), call), request.getRegion());
        CommandRequest join = writes.request(
                mesh,
                new MeshCommand.JoinRegion(request.getWith(), request.getWithoutMajority()),
                options.toBuilder().setRequestId(id + ".join").build(),
                call);
        CommandOutcome.Accepted joined = Answers.await(writes.accept(join, call), call);
        CommandRequest leave = writes.request(
                mesh,
                new MeshCommand.LeaveRegion(request.getRegion(), false),
                options.toBuilder().setRequestId(id + ".leave").build(),
                call);
        CommandOutcome left = Answers.await(writes.execute(leave, call), call);
        return switch (left) {
            case CommandOutcome.Accepted accepted ->
                ReplaceRegionResponse.newBuilder()
                        .setJoined(Writes.response(joined))
                        .setLeft(Writes.response(accepted))
                        .build();
            case CommandOutcome.Rejected(var violations) ->
                throw Errors.rejected(violations.stream()
                        .map(violation -> halfDone(violation, request))
                        .toList());
            case CommandOutcome.Unavailable unavailable ->
                throw Errors.unknown(id, halfDone(request) + ": " + unavailable.message());
            case CommandOutcome.Unknown unknown ->
                throw Errors.unknown(id, halfDone(request) + ": " + unknown.message());
        };
    }

    /** Before the other joins: what would be refused afterwards for certain, as far as this region knows. */
    private void requireCanLeave(MeshState state, String region) {
        boolean known = Stream.concat(
                        regions.members(state).stream(),
                        state.membership().stream().flatMap(membership -> membership.former().stream()))
                .anyMatch(member -> member.region().name().equals(region));
        if (!known) {
            throw Errors.failedPrecondition(
                    RejectionCode.NOT_A_MEMBER.name(),
                    "region " + region,
                    "region " + region + " is no member of mesh " + state.id());
        }
        if (state.homeRegion().equals(region)) {
            throw Errors.failedPrecondition(
                    RejectionCode.REGION_IS_HOME.name(),
                    "region " + region,
                    "region " + region + " is the home of mesh " + state.id()
                            + "; hand the home over, or fail over if it is lost, first");
        }
    }

    private static Violation halfDone(Violation violation, ReplaceRegionRequest request) {
        return new Violation(
                violation.code(),
                violation.object(),
                violation.field(),
                violation.message() + " (" + halfDone(request) + ")",
                violation.origin());
    }

    private static String halfDone(ReplaceRegionRequest request) {
        return "region " + request.getWith() + " has joined; whether region " + request.getRegion()
                + " has left is to be asked for by the same request again";
    }

    MembersPlan plan(PlanMembersRequest request, Call call) throws Exception {
        MeshId mesh = Names.mesh("mesh", request.getMesh());
        String joining = request.getJoiningRegion();
        String leaving = request.getLeavingRegion();
        if (joining.isEmpty() && leaving.isEmpty()) {
            throw Errors.invalid("joining_region", "one of joining_region and leaving_region is required");
        }
        if (!joining.isEmpty()) {
            regions.require("joining_region", joining);
        }
        MeshState state = Answers.await(reads.active(mesh, Optional.empty(), call), call);
        List<Member> members = regions.members(state);
        List<Member> after = new ArrayList<>(members);
        after.removeIf(member -> member.region().name().equals(leaving));
        regions.member(joining).filter(Predicate.not(after::contains)).ifPresent(after::add);
        Proxies.Everywhere found = Answers.await(proxies.list(mesh, call), call);
        List<RegionView> views = regions.of(state, found.unreachable());
        List<String> reachable = new ArrayList<>();
        List<String> unreachable = new ArrayList<>();
        for (Member member : after) {
            String name = member.region().name();
            boolean answers = views.stream().anyMatch(view -> view.name().equals(name) && view.reachable());
            (answers ? reachable : unreachable).add(name);
        }
        return MembersPlan.newBuilder()
                .setMesh(Names.of(mesh))
                .setHomeRegion(state.homeRegion())
                .addAllMembers(members.stream().map(Member::toProto).toList())
                .setChanged(state.membership()
                        .map(Membership::changed)
                        .orElseGet(() -> Position.before(mesh))
                        .toProto())
                .addAllMembersAfter(after.stream().map(Member::toProto).toList())
                .setMajorityAfter(after.size() / 2 + 1)
                .addAllReachableAfter(reachable)
                .addAllUnreachableAfter(unreachable)
                .setProxiesThatStayBehind((int) found.proxies().stream()
                        .filter(proxy -> proxy.getRegion().equals(leaving))
                        .count())
                .setDurability(Views.durability(state))
                .addAllObstacles(obstacles(mesh, joining, leaving, call))
                .build();
    }

    /** What the home says to the first of the changes; the second is judged on what the first leads to. */
    private List<String> obstacles(MeshId mesh, String joining, String leaving, Call call) throws Exception {
        MeshCommand first = joining.isEmpty()
                ? new MeshCommand.LeaveRegion(leaving, false)
                : new MeshCommand.JoinRegion(joining, false);
        WriteOptions options = WriteOptions.newBuilder()
                .setReason(PLANNED)
                .setValidateOnly(true)
                .build();
        CommandOutcome outcome = Answers.await(writes.execute(writes.request(mesh, first, options, call), call), call);
        return switch (outcome) {
            case CommandOutcome.Accepted accepted -> List.of();
            case CommandOutcome.Rejected(var violations) ->
                violations.stream()
                        .map(violation -> violation.object() + " " + violation.message())
                        .toList();
            case CommandOutcome.Unavailable(var message, var retryAfter) -> List.of(message);
            case CommandOutcome.Unknown(var id, var message) -> List.of(message);
        };
    }

    private static void requireName(String field, String region) {
        if (region.isEmpty()) {
            throw Errors.invalid(field, "is required: the region's name");
        }
    }
}
