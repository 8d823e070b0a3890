package io.meridian.model.mesh;

import io.meridian.model.mesh.MeshCommand.MembersNow;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which regions a mesh's log lives in. One region joins or leaves at a time, so that majorities before and after always share a region (ADR 19). */
final class MemberDecisions {
    private static final int AUTOMATIC_VOTERS = 3;

    private MemberDecisions() {}

    static Decision join(MeshState state, MeshCommand.JoinRegion command) {
        MembersNow now = command.now();
        List<Member> members = members(state, now);
        Optional<Member> found = find(now.regions(), named(command.region()));
        if (found.isEmpty()) {
            return refuse(
                    RejectionCode.REGION_NOT_FOUND,
                    command.region(),
                    "the home of the mesh knows no region " + command.region() + "; it knows " + names(now.regions())
                            + ". Configure it there first");
        }
        Member region = found.get();
        Optional<Member> same = find(members, named(command.region()));
        if (same.isPresent()) {
            return same.get().equals(region)
                    ? unchanged()
                    : refuse(
                            RejectionCode.REGION_INDEX_REUSED,
                            command.region(),
                            "is a member with the index " + same.get().region().index()
                                    + (same.get().witness() ? ", a witness" : "") + ", and is configured with "
                                    + region.region().index() + (region.witness() ? ", a witness" : "")
                                    + "; let the one leave before the other joins");
        }
        Optional<Member> owner = find(
                Stream.concat(members.stream(), former(state).stream()).toList(),
                other -> other.region().index() == region.region().index()
                        && !other.region().name().equals(region.region().name()));
        if (owner.isPresent()) {
            return refuse(
                    RejectionCode.REGION_INDEX_REUSED,
                    command.region(),
                    "has the index " + region.region().index() + ", which belongs to region "
                            + owner.get().region() + " for ever; give the new region an index of its own");
        }
        if (!now.unfit().isEmpty()) {
            return refuse(RejectionCode.NOT_A_MEMBER, command.region(), now.unfit());
        }
        if (isPending(now, command.withoutMajority())) {
            return pending(command.region(), now);
        }
        return accept(new MeshEvent.RegionJoined(region, Membership.with(members, region), command.withoutMajority()));
    }

    static Decision leave(MeshState state, MeshCommand.LeaveRegion command) {
        MembersNow now = command.now();
        List<Member> members = members(state, now);
        Optional<Member> found = find(members, named(command.region()));
        if (found.isEmpty()) {
            return find(former(state), named(command.region())).isPresent()
                    ? unchanged()
                    : refuse(
                            RejectionCode.NOT_A_MEMBER,
                            command.region(),
                            "is no member of mesh " + state.id() + "; its members are " + names(members));
        }
        Member region = found.get();
        if (region.region().index() == state.head().position().epoch().regionIndex()) {
            return refuse(
                    RejectionCode.REGION_IS_HOME,
                    command.region(),
                    "is the home of mesh " + state.id() + "; hand the home over first");
        }
        List<Member> rest = Membership.without(members, region.region());
        long replicas = rest.stream().filter(member -> !member.witness()).count() - 1;
        int needed = state.spec().getDurability().getSyncReplicas();
        if (replicas < needed && !region.witness()) {
            return refuse(
                    RejectionCode.TOO_FEW_MEMBERS,
                    command.region(),
                    "cannot leave: SYNC(" + needed + ") needs " + needed + " other regions that keep events, and "
                            + replicas + " would be left; let another region join first, or lower the durability");
        }
        if (state.spec().getFailover().getAutomatic()
                && members.size() >= AUTOMATIC_VOTERS
                && rest.size() < AUTOMATIC_VOTERS) {
            return refuse(
                    RejectionCode.TOO_FEW_MEMBERS,
                    command.region(),
                    "cannot leave: automatic failover needs " + AUTOMATIC_VOTERS + " voters, and " + rest.size()
                            + " would be left; let another region join first, or turn automatic failover off");
        }
        return isPending(now, command.withoutMajority())
                ? pending(command.region(), now)
                : accept(new MeshEvent.RegionLeft(region, rest, command.withoutMajority()));
    }

    private static List<Member> members(MeshState state, MembersNow now) {
        return state.membership().map(Membership::members).orElse(now.configured());
    }

    private static List<Member> former(MeshState state) {
        return state.membership().map(Membership::former).orElse(List.of());
    }

    private static Optional<Member> find(List<Member> members, Predicate<Member> which) {
        return members.stream().filter(which).findFirst();
    }

    private static Predicate<Member> named(String name) {
        return member -> member.region().name().equals(name);
    }

    private static String names(List<Member> members) {
        return members.stream().map(member -> member.region().name()).sorted().collect(Collectors.joining(", "));
    }

    private static boolean isPending(MembersNow now, boolean withoutMajority) {
        return !now.pending().isEmpty() && !withoutMajority;
    }

    private static Decision pending(String region, MembersNow now) {
        return refuse(RejectionCode.MEMBERS_CHANGING, region, now.pending());
    }

    private static Decision unchanged() {
        return new Decision.Accepted(List.of(), List.of());
    }

    private static Decision accept(MeshEvent event) {
        return new Decision.Accepted(List.of(event), List.of());
    }

    private static Decision refuse(RejectionCode code, String region, String message) {
        return Violations.rejected(code, "region " + region, "region", message);
    }
}
