package io.meridian.core.admin;

import com.google.protobuf.util.Durations;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListRegionsResponse;
import io.meridian.api.admin.v1.Region;
import io.meridian.core.MeshLog;
import io.meridian.core.PeerRegions;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The regions as this one sees them. Blocks; runs on virtual threads. */
final class RegionList {
    private static final long LAG_UNKNOWN = -1;

    private final LocalRegion local;
    private final Reads reads;
    private final MeshLog log;
    private final PeerRegions peers;
    private final KnownRegions regions;
    private final MeshIds ids;
    private final ReplicaGrowth growth;
    private final InstantSource clock;

    RegionList(
            LocalRegion local,
            Reads reads,
            MeshLog log,
            PeerRegions peers,
            KnownRegions regions,
            ReplicaGrowth growth,
            InstantSource clock) {
        this.local = local;
        this.reads = reads;
        this.log = log;
        this.peers = peers;
        this.regions = regions;
        this.ids = new MeshIds(log);
        this.growth = growth;
        this.clock = clock;
    }

    ListRegionsResponse list(ListRegionsRequest request, Call call) throws Exception {
        List<MeshState> meshes = request.getMesh().isEmpty()
                ? all(call)
                : List.of(Answers.await(
                        reads.known(Names.mesh("mesh", request.getMesh()), Optional.empty(), call), call));
        List<Region> regions = new ArrayList<>();
        regions.add(here(meshes));
        for (PeerRegions.Peer peer : peers.peers()) {
            regions.add(there(peer, meshes, call));
        }
        regions.sort(Comparator.comparing(Region::getName));
        return ListRegionsResponse.newBuilder().addAllRegions(regions).build();
    }

    private List<MeshState> all(Call call) throws Exception {
        List<MeshState> states = new ArrayList<>();
        for (MeshId mesh : Answers.await(ids.all(), call).stream().sorted().toList()) {
            MeshState state = Answers.await(reads.any(mesh, Optional.empty(), call), call);
            if (state.isActive()) {
                states.add(state);
            }
        }
        return states;
    }

    private Region here(List<MeshState> meshes) {
        Region.Builder region = Region.newBuilder()
                .setName(local.id().name())
                .setIndex(local.id().index())
                .setLocal(true)
                .setReachable(true)
                .setSilentFor(Durations.ZERO)
                .setTransport(peers.transport())
                .setAdminAddress(local.adminAddress())
                .setXdsAddress(local.xdsAddress());
        for (MeshState state : meshes) {
            long lag = lag(state, Optional.of(state.head()));
            Region.MeshInRegion.Builder mesh = mesh(state, local.id(), log.promised(state.id()), local.witness())
                    .setHead(state.head().position().toProto())
                    .setLagEvents(lag);
            if (lag == 0) {
                mesh.setLag(Durations.ZERO).setSinceProgress(Durations.ZERO);
            } else {
                growth.since(local.id().name(), state.id()).ifPresent(since -> mesh.setSinceProgress(proto(since)));
            }
            region.addMeshes(mesh);
        }
        return region.build();
    }

    private Region there(PeerRegions.Peer peer, List<MeshState> meshes, Call call) throws Exception {
        Region.Builder region = Region.newBuilder()
                .setName(peer.id().name())
                .setIndex(peer.id().index())
                .setReachable(peer.reachable())
                .setSilentFor(proto(peer.silentFor()))
                .setTransport(peer.transport())
                .setAdminAddress(peer.adminAddress())
                .setXdsAddress(peer.xdsAddress());
        for (MeshState state : meshes) {
            Optional<Head> head = peer.lastKnownHead(state.id());
            long lag = lag(state, head);
            Region.MeshInRegion.Builder mesh = mesh(state, peer.id(), peer.promised(state.id()), peer.witness())
                    .setLagEvents(lag);
            head.ifPresent(known -> mesh.setHead(known.position().toProto()));
            if (lag == 0) {
                mesh.setLag(Durations.ZERO).setSinceProgress(proto(peer.silentFor()));
            } else if (lag > 0 && head.isPresent()) {
                Optional<Duration> age = age(state.id(), head.get(), call);
                mesh.setLag(proto(age.orElse(Duration.ZERO)));
                sinceProgress(peer, state.id(), age).ifPresent(since -> mesh.setSinceProgress(proto(since)));
            }
            region.addMeshes(mesh);
        }
        return region.build();
    }

    /** {@code promised}: the highest epoch that the region promised to, as far as it told. */
    private Region.MeshInRegion.Builder mesh(MeshState state, RegionId region, Epoch promised, boolean witness) {
        boolean home = state.homeRegion().equals(region.name());
        boolean member = regions.isMember(state, region);
        return Region.MeshInRegion.newBuilder()
                .setMesh(Names.of(state.id()))
                .setRole(!member ? "NONE" : witness ? "WITNESS" : home ? "HOME" : "REPLICA")
                .setPhase(home ? phase(state, promised) : "")
                .setPromisedEpoch(promised.value())
                .setOpenBranches((int) state.branches().values().stream()
                        .filter(branch -> !branch.openEntries().isEmpty())
                        .count())
                .setDurability(Views.durability(state));
    }

    /** A home that promised a later epoch to another region writes no more, whether or not that one has begun. */
    private static String phase(MeshState state, Epoch promised) {
        Epoch own = state.head().position().epoch();
        if (state.successor().isPresent()) {
            return "SEALED";
        }
        if (promised.compareTo(own) > 0 && promised.regionIndex() != own.regionIndex()) {
            return "FENCED";
        }
        return state.handover().isPresent() ? "DRAINING" : "ACTIVE";
    }

    /** Behind the home's head as far as it is known here: our own if we are the home, otherwise what the home told last. */
    private long lag(MeshState state, Optional<Head> head) {
        Optional<Head> home = state.homeRegion().equals(local.id().name())
                ? Optional.of(state.head())
                : peers.byName(state.homeRegion()).flatMap(peer -> peer.lastKnownHead(state.id()));
        if (home.isEmpty() || head.isEmpty()) {
            return LAG_UNKNOWN;
        }
        return Math.max(0, home.get().position().seq() - head.get().position().seq());
    }

    /**
     * Of a region that is behind: since its copy grew, or since it had all that there was, whichever is later; not later than its last word. Empty if
     * neither is known here.
     */
    private Optional<Duration> sinceProgress(PeerRegions.Peer peer, MeshId mesh, Optional<Duration> behindFor) {
        return Stream.concat(growth.since(peer.id().name(), mesh).stream(), behindFor.stream())
                .min(Comparator.naturalOrder())
                .map(since -> since.compareTo(peer.silentFor()) > 0 ? since : peer.silentFor());
    }

    /** Since the oldest event was written that the region lacks; by the writer's clock and ours. Empty if we do not have that event. */
    private Optional<Duration> age(MeshId mesh, Head head, Call call) throws Exception {
        List<EventEnvelope> missing =
                Answers.await(log.read(mesh, head.position().seq(), 1), call);
        return missing.stream().findFirst().map(event -> {
            var written = event.header().getWallTime();
            Duration age =
                    Duration.between(Instant.ofEpochSecond(written.getSeconds(), written.getNanos()), clock.instant());
            return age.isNegative() ? Duration.ZERO : age;
        });
    }

    private static com.google.protobuf.Duration proto(Duration duration) {
        return Durations.fromMillis(duration.toMillis());
    }
}
