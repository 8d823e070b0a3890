package io.meridian.model.mesh;

import io.meridian.model.position.RegionId;
import java.util.List;

/**
 * A region that a mesh's log lives in.
 *
 * @param witness whether it votes and keeps no events
 */
public record Member(RegionId region, boolean witness) {
    /** Throws IllegalArgumentException for a name or an index that no region can have. */
    public static Member of(io.meridian.api.events.v1.Member proto) {
        return new Member(new RegionId(proto.getName(), proto.getIndex()), proto.getWitness());
    }

    /** As {@link #of}, in their order. */
    public static List<Member> all(List<io.meridian.api.events.v1.Member> protos) {
        return protos.stream().map(Member::of).toList();
    }

    public io.meridian.api.events.v1.Member toProto() {
        return io.meridian.api.events.v1.Member.newBuilder()
                .setName(region.name())
                .setIndex(region.index())
                .setWitness(witness)
                .build();
    }

    static List<io.meridian.api.events.v1.Member> toProto(List<Member> members) {
        return members.stream().map(Member::toProto).toList();
    }
}
