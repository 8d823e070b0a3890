package io.meridian.chaos.simulation;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshEvent;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** An epoch that was opened without the earlier home's consent was promised by a majority of the members that the log before it names, unless waived. */
final class MembersPromised extends Invariant {
    MembersPromised(World world) {
        super(world, "I14 members promised");
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (what instanceof Disk.Stored.InSegment(var epoch, var envelopes)) {
            envelopes.stream().filter(EventEnvelope::opensSegment).forEach(this::check);
        }
    }

    private void check(EventEnvelope envelope) {
        MeshEvent.SegmentOpened opened = (MeshEvent.SegmentOpened) Facts.decoded(envelope);
        Optional<Takeover> takeover = opened.takeover();
        if (takeover.isEmpty()
                || takeover.get().getWithoutMajority()
                || opened.state().isEmpty()) {
            return;
        }
        List<String> members = opened.state()
                .get()
                .membership()
                .map(Membership::members)
                .map(named ->
                        named.stream().map(Member::region).map(id -> id.name()).toList())
                .orElseGet(() -> IntStream.range(0, world.scenario().voters())
                        .mapToObj(place -> world.member(place).id.name())
                        .toList());
        long promised = takeover.get().getPromisedByList().stream()
                .filter(members::contains)
                .count();
        if (promised < members.size() / 2 + 1) {
            throw violated(envelope.position() + " was opened with the promises of "
                    + takeover.get().getPromisedByList() + "; the members are " + members);
        }
    }
}
