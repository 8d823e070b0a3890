package io.meridian.core.internal;

import io.meridian.core.PeerRegions;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.Optional;

/** Whether this region may write a mesh's log now. Pure but for what the peers last told. */
final class HomeCheck {
    sealed interface Verdict {}

    /** Write, in this epoch. */
    record Here(Epoch epoch) implements Verdict {}

    /** The region that the epoch names writes. */
    record Elsewhere(Epoch epoch) implements Verdict {}

    /** This region is the home and must not write. */
    record Fenced(String reason) implements Verdict {}

    private final RegionId region;
    private final PeerRegions peers;

    HomeCheck(RegionId region, PeerRegions peers) {
        this.region = region;
        this.peers = peers;
    }

    /**
     * @param head of the log, events that are about to become durable included
     * @param promised the highest epoch that this region promised to
     */
    Verdict judge(Head head, Epoch promised) {
        MeshId mesh = head.position().mesh();
        if (head.isEmpty()) {
            return unknownName(mesh, promised);
        }
        Epoch epoch = head.position().epoch();
        if (epoch.regionIndex() != region.index()) {
            return new Elsewhere(epoch);
        }
        if (promised.compareTo(epoch) > 0) {
            return new Fenced("region " + region + " promised epoch " + promised + " of mesh " + mesh
                    + " to another region and writes no more in " + epoch);
        }
        Optional<Ahead> furthest = furthest(mesh);
        if (furthest.isPresent()) {
            Ahead other = furthest.get();
            if (other.position().epoch().compareTo(epoch) > 0) {
                return new Fenced("region " + other.region() + " holds mesh " + mesh + " at position "
                        + other.position() + ", of a later epoch than region " + region + "'s " + epoch
                        + "; region " + region + " writes no more in it");
            }
            if (other.position().compareTo(head.position()) > 0) {
                return new Fenced(lostTail(mesh, other, head));
            }
        }
        return new Here(epoch);
    }

    /** ADR 0003: before a region opens the log of a name that it does not know, it asks the others whether they know it. */
    private Verdict unknownName(MeshId mesh, Epoch promised) {
        Optional<Ahead> known = furthest(mesh);
        if (known.isEmpty()) {
            Epoch first = Epoch.NONE.next(region.index());
            return promised.compareTo(first) > 0
                    ? new Fenced("region " + region + " promised epoch " + promised + " of mesh " + mesh
                            + " to another region")
                    : new Here(first);
        }
        Epoch epoch = known.get().position().epoch();
        return epoch.regionIndex() == region.index()
                ? new Fenced(lostTail(mesh, known.get(), Head.empty(mesh)))
                : new Elsewhere(epoch);
    }

    /** A home that lost its tail (an old backup was restored) must not give the same positions to other events. */
    private String lostTail(MeshId mesh, Ahead ahead, Head head) {
        return "region " + ahead.region() + " holds mesh " + mesh + " up to position " + ahead.position()
                + ", but region " + region + ", its home, only up to " + head.position()
                + "; it takes no writes until it has pulled these events back";
    }

    private record Ahead(RegionId region, Position position) {}

    private Optional<Ahead> furthest(MeshId mesh) {
        return peers.peers().stream()
                .flatMap(peer -> peer
                        .lastKnownHead(mesh)
                        .filter(head -> !head.isEmpty())
                        .map(head -> new Ahead(peer.id(), head.position()))
                        .stream())
                .max(Comparator.comparing(Ahead::position));
    }
}
