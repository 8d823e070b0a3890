package io.meridian.replicator.core;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;

/**
 * What this region knows of every region's heads and promises: which meshes there are, who is home, and how far behind it is. Immutable.
 *
 * @param own of this region's logs
 * @param peers what each other region last told; a region that never spoke is missing
 * @param heard regions that told all their heads since this process started
 */
public record HeadTable(
        RegionId self, PMap<MeshId, Told> own, PMap<RegionId, PMap<MeshId, Told>> peers, PSet<RegionId> heard) {

    /**
     * What a region says of one mesh.
     *
     * @param head durable; empty if it holds no event
     * @param promised the highest epoch that it durably promised to; {@link Epoch#NONE} if none
     */
    public record Told(Head head, Epoch promised) {
        MeshId mesh() {
            return head.position().mesh();
        }
    }

    public static HeadTable empty(RegionId self) {
        return new HeadTable(self, HashTreePMap.empty(), HashTreePMap.empty(), HashTreePSet.empty());
    }

    public HeadTable withOwn(Told told) {
        return new HeadTable(self, own.plus(told.mesh(), told), peers, heard);
    }

    /** {@code full}: what is not among {@code heads} is no longer there. */
    public HeadTable withPeer(RegionId peer, List<Told> heads, boolean full) {
        PMap<MeshId, Told> known = full ? HashTreePMap.empty() : peers.getOrDefault(peer, HashTreePMap.empty());
        for (Told told : heads) {
            known = known.plus(told.mesh(), told);
        }
        return new HeadTable(self, own, peers.plus(peer, known), full ? heard.plus(peer) : heard);
    }

    /** Empty if this region holds no event of the mesh. */
    public Optional<Head> ownHead(MeshId mesh) {
        return head(own.get(mesh));
    }

    /** Empty if it told none, or that it holds no event of the mesh. */
    public Optional<Head> peerHead(RegionId peer, MeshId mesh) {
        return head(told(peer, mesh));
    }

    /** Of the other regions that hold events of the mesh. */
    public Map<RegionId, Head> peerHeads(MeshId mesh) {
        Map<RegionId, Head> heads = new HashMap<>();
        peers.keySet().forEach(peer -> peerHead(peer, mesh).ifPresent(head -> heads.put(peer, head)));
        return heads;
    }

    private static Optional<Head> head(@Nullable Told told) {
        return Optional.ofNullable(told).map(Told::head).filter(head -> !head.isEmpty());
    }

    private @Nullable Told told(RegionId peer, MeshId mesh) {
        return peers.getOrDefault(peer, HashTreePMap.empty()).get(mesh);
    }

    /** The highest epoch that the peer told to have promised to; {@link Epoch#NONE} if none. */
    public Epoch promised(RegionId peer, MeshId mesh) {
        Told told = told(peer, mesh);
        return told == null ? Epoch.NONE : told.promised();
    }

    /** Whether {@code told} is of another epoch, or says another promise, than what the peer told before. */
    public boolean tellsNews(RegionId peer, Told told) {
        Told before = told(peer, told.mesh());
        return before == null
                || !before.head()
                        .position()
                        .epoch()
                        .equals(told.head().position().epoch())
                || !before.promised().equals(told.promised());
    }

    /** Whether the peer told all its heads since this process started: a head that it did not tell then is one that it does not have. */
    public boolean heard(RegionId peer) {
        return heard.contains(peer);
    }

    /** Every mesh that some region holds events of. */
    public Set<MeshId> meshes() {
        Set<MeshId> meshes = new HashSet<>();
        Stream.concat(Stream.of(own), peers.values().stream())
                .flatMap(heads -> heads.values().stream())
                .filter(told -> !told.head().isEmpty())
                .forEach(told -> meshes.add(told.mesh()));
        return meshes;
    }

    /** The highest head that any region told, by epoch, then seq; empty if nobody holds an event of the mesh. */
    public Optional<Head> highest(MeshId mesh) {
        return Stream.concat(ownHead(mesh).stream(), peerHeads(mesh).values().stream())
                .max(Comparator.comparing(Head::position));
    }

    /** The highest known epoch, which names the mesh's home; empty if nobody holds an event of the mesh. */
    public Optional<Epoch> homeEpoch(MeshId mesh) {
        return highest(mesh).map(head -> head.position().epoch());
    }

    /** The index of the region that the highest known epoch names. A home that sealed its epoch remains the source until the next one shows up. */
    public Optional<Integer> homeIndex(MeshId mesh) {
        return homeEpoch(mesh).map(Epoch::regionIndex);
    }

    /** How many events this region is behind the highest known head; at least one if that is of a later epoch, wherever the own head stands. */
    public long lagEvents(MeshId mesh) {
        Optional<Head> highest = highest(mesh);
        if (highest.isEmpty()) {
            return 0;
        }
        Head held = ownHead(mesh).orElse(Head.empty(mesh));
        long least = held.position().epoch().equals(highest.get().position().epoch()) ? 0 : 1;
        return Math.max(least, highest.get().position().seq() - held.position().seq());
    }

    /** Whether this region is home and yet another holds more of its epoch: it lost a tail that was replicated already. */
    public boolean homeLostItsTail(MeshId mesh) {
        return homeIndex(mesh).equals(Optional.of(self.index())) && lagEvents(mesh) > 0;
    }
}
