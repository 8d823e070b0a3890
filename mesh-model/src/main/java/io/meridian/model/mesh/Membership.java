package io.meridian.model.mesh;

import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The regions that a mesh's log names as its members, since the first of its events that changed them. Immutable.
 *
 * @param changed where the last change stands
 * @param members by index
 * @param joined who joined by that change; empty if somebody left
 * @param former regions that left, by index: an index is never given to another region
 */
public record Membership(Position changed, List<Member> members, Optional<Member> joined, List<Member> former) {
    static final Comparator<Member> BY_INDEX =
            Comparator.comparingInt(member -> member.region().index());

    public Membership {
        members = List.copyOf(members);
        former = List.copyOf(former);
    }

    public boolean contains(RegionId region) {
        return members.stream().anyMatch(member -> member.region().equals(region));
    }

    public Optional<Member> byName(String name) {
        return members.stream()
                .filter(member -> member.region().name().equals(name))
                .findFirst();
    }

    /** {@code members} with {@code region}, by index. */
    static List<Member> with(List<Member> members, Member region) {
        List<Member> more = new ArrayList<>(without(members, region.region()));
        more.add(region);
        more.sort(BY_INDEX);
        return more;
    }

    static List<Member> without(List<Member> members, RegionId region) {
        return members.stream()
                .filter(member -> !member.region().equals(region))
                .sorted(BY_INDEX)
                .toList();
    }
}
