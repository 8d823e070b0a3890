package io.meridian.model.mesh;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.List;

/**
 * Who a mesh's members are, as one region knows it. Immutable.
 *
 * @param at the opening of the home's epoch, or the last change of members, whichever is later; seq 0 if neither is known
 * @param changed the last change of members; seq 0 if there was none: then they are the configured regions
 * @param members by index
 * @param head the home's when it was told; empty if it is not known
 */
public record MembersNote(Position at, Position changed, List<Member> members, Head head) {
    public MembersNote {
        members = List.copyOf(members);
    }

    public boolean contains(RegionId region) {
        return members.stream().anyMatch(member -> member.region().equals(region));
    }

    /** Throws IllegalArgumentException if a position is of no mesh, or a member none. */
    public static MembersNote of(io.meridian.api.events.v1.MembersNote proto) {
        Position at = Position.of(proto.getAt());
        return new MembersNote(
                at,
                Position.of(proto.getChanged()),
                Member.all(proto.getMembersList()),
                proto.hasHead() && proto.getHead().getSeq() > 0
                        ? new Head(Position.of(proto.getHead()), new Hash(proto.getHeadHash()))
                        : Head.empty(at.mesh()));
    }

    public io.meridian.api.events.v1.MembersNote toProto() {
        var proto = io.meridian.api.events.v1.MembersNote.newBuilder()
                .setAt(at.toProto())
                .setChanged(changed.toProto())
                .addAllMembers(Member.toProto(members));
        if (!head.isEmpty()) {
            proto.setHead(head.position().toProto()).setHeadHash(head.hash().bytes());
        }
        return proto.build();
    }
}
