package io.meridian.replicator.core;

import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What this region knows of every region's heads: which meshes there are, who is home, and how far behind it is. Immutable.
 *
 * @param own durable heads of this region's logs
 * @param peers what each other region last told; a region that never spoke is missing
 */
public record HeadTable(RegionId self, PMap<MeshId, Head> own, PMap<RegionId, PMap<MeshId, Head>> peers) {

    public static HeadTable empty(RegionId self) {
        return new HeadTable(self, HashTreePMap.empty(), HashTreePMap.empty());
    }

    public HeadTable withOwn(Head head) {
        return new HeadTable(self, own.plus(head.position().mesh(), head), peers);
    }

    /** {@code full}: what is not among {@code heads} is no longer there. */
    public HeadTable withPeer(RegionId peer, List<Head> heads, boolean full) {
        PMap<MeshId, Head> known = full ? HashTreePMap.empty() : peers.getOrDefault(peer, HashTreePMap.empty());
        for (Head head : heads) {
            known = known.plus(head.position().mesh(), head);
        }
        return new HeadTable(self, own, peers.plus(peer, known));
    }

    public Optional<Head> ownHead(MeshId mesh) {
        return Optional.ofNullable(own.get(mesh));
    }

    public Optional<Head> peerHead(RegionId peer, MeshId mesh) {
        return Optional.ofNullable(
                peers.getOrDefault(peer, HashTreePMap.empty()).get(mesh));
    }

    /** Every mesh that some region has a log of. */
    public Set<MeshId> meshes() {
        Set<MeshId> meshes = new HashSet<>(own.keySet());
        peers.values().forEach(heads -> meshes.addAll(heads.keySet()));
        return meshes;
    }

    /** The highest head that any region told, by epoch, then seq; empty if nobody holds an event of the mesh. */
    public Optional<Head> highest(MeshId mesh) {
        return Stream.concat(
                        ownHead(mesh).stream(), peers.keySet().stream().flatMap(peer -> peerHead(peer, mesh).stream()))
                .filter(head -> !head.isEmpty())
                .max(Comparator.comparing(Head::position));
    }

    /** The index of the region that the highest known epoch names. */
    public Optional<Integer> homeIndex(MeshId mesh) {
        return highest(mesh).map(head -> head.position().epoch().regionIndex());
    }

    /**
     *
     * /** How many events this region is behind the highest known head. */
    public long lagEvents(MeshId mesh) {
        long highest = highest(mesh).map(head -> head.position().seq()).orElse(0L);
        long held = ownHead(mesh).map(head -> head.position().seq()).orElse(0L);
        return Math.max(0, highest - held);
    }

    /** Whether this region is home and yet another holds more of its epoch: it lost a tail that was replicated already. */
    public boolean homeLostItsTail(MeshId mesh) {
        return homeIndex(mesh).equals(Optional.of(self.index())) && lagEvents(mesh) > 0;
    }
}
