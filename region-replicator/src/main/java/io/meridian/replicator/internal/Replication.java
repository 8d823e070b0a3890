package io.meridian.replicator.internal;

import io.grpc.ManagedChannel;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.EventTransport;
import io.meridian.replicator.MeshReplication;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.ReplicatorSettings.PeerSettings;
import io.meridian.replicator.core.FollowerState;
import io.meridian.replicator.core.FollowerState.Phase;
import io.meridian.replicator.core.FollowerState.Source;
import io.meridian.replicator.core.HeadTable;
import io.meridian.replicator.core.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A running region's replication: its heads, its followers, what it listens to at each peer. Followers are made and told whom to follow on
 * the board's queue.
 */
public final class Replication {
    private final ReplicatorSettings settings;
    private final List<PeerLink> links;
    private final RegionPeerService service;
    private final Executor pool;
    private final HeadBoard board;
    private final EventTransport transport;
    private final Map<MeshId, MeshFollower> followers = new ConcurrentHashMap<>();
    /** Whether each mesh was this region's to follow when it was looked at last. */
    private final Map<MeshId, Boolean> following = new ConcurrentHashMap<>();

    private volatile Set<RegionId> readable = Set.of();
    private volatile List<PeerWatches> watches = List.of();
    private volatile @Nullable Ports ports;

    public Replication(
            ReplicatorSettings settings,
            Function<PeerSettings, ManagedChannel> channels,
            RegionPeerService service,
            Executor pool,
            EventTransport transport) {
        this.settings = settings;
        this.service = service;
        this.transport = transport;
        this.pool = pool;
        board = new HeadBoard(settings, new SerialQueue(pool), this::changed, this::epochTold);
        links = settings.peers().stream()
                .map(peer -> new PeerLink(
                        peer,
                        channels.apply(peer),
                        settings.timings().peerSilence(),
                        board::table,
                        () -> transport(peer.id())))
                .toList();
    }

    /** One for each configured peer. */
    public List<PeerLink> links() {
        return links;
    }

    public void start(Ports core) {
        ports = core;
        if (!settings.witness()) {
            // First: who is followed from now on is followed by its topic, if that can be read.
            transport.start(core.log(), new TopicIntake());
        }
        board.start(core.log());
        service.start(core, board, this::calledBy);
        watches = links.stream()
                .map(link -> new PeerWatches(core, settings, link, board, this::peerBack, pool))
                .toList();
        tick();
    }

    public EventTransport transport() {
        return transport;
    }

    /** How events come from {@code region}, or go from this one to the others; for people. */
    public String transport(RegionId region) {
        return transport.topics().stream()
                .filter(topic -> topic.region().equals(region))
                .findFirst()
                .map(topic -> topic.up() ? transport.name() : "grpc: " + topic.detail())
                .orElse("grpc");
    }

    /** What comes by topics. */
    private final class TopicIntake implements EventTransport.Intake {
        @Override
        public void readable(Set<RegionId> regions) {
            readable = Set.copyOf(regions);
            followers.values().forEach(follower -> follower.topics(readable));
        }

        @Override
        public int room(MeshId mesh) {
            MeshFollower follower = followers.get(mesh);
            return follower == null ? MeshFollower.mostOffered(settings.limits()) : follower.room();
        }

        @Override
        public void offer(MeshId mesh, RegionId region, List<EventEnvelope> envelopes, Runnable done) {
            Ports core = ports;
            if (core == null || !core.log().follows(mesh)) {
                done.run();
            } else {
                follower(mesh, core).offer(region, envelopes, done);
            }
        }
    }

    /** A topic may tell of a mesh before its heads are known. */
    private MeshFollower follower(MeshId mesh, Ports core) {
        return followers.computeIfAbsent(
                mesh, absent -> new MeshFollower(mesh, settings, core, this::link, pool, () -> readable));
    }

    /** Looks for silence and for attempts that are due. */
    public void tick() {
        board.tick();
        lookAtMembership();
        service.tick();
        watches.forEach(PeerWatches::tick);
        followers.values().forEach(MeshFollower::tick);
    }

    public void close() {
        transport.close();
        service.close();
        watches.forEach(PeerWatches::close);
        followers.values().forEach(MeshFollower::close);
        board.close();
        links.forEach(PeerLink::close);
    }

    /** A mesh that this region became a member of is followed, one that it left is not. */
    private void lookAtMembership() {
        Ports core = ports;
        if (core != null) {
            for (MeshId mesh : board.table().meshes()) {
                Boolean before = following.get(mesh);
                if (before != null && before != core.log().follows(mesh)) {
                    board.lookAgain(mesh);
                }
            }
        }
    }

    private void changed(MeshId mesh) {
        Ports core = ports;
        if (core == null || settings.witness()) {
            return;
        }
        HeadTable table = board.table();
        boolean member = core.log().follows(mesh);
        following.put(mesh, member);
        Optional<Source> source = !member
                ? Optional.empty()
                : Source.of(
                        settings.self(),
                        table.ownHead(mesh).orElseGet(() -> Head.empty(mesh)),
                        table.peerHeads(mesh),
                        index -> peer(index).filter(link -> !link.witness()).map(PeerLink::id));
        MeshFollower follower = followers.get(mesh);
        if (follower == null && source.isPresent()) {
            follower = follower(mesh, core);
        }
        if (follower != null) {
            follower.source(source);
        }
    }

    private void epochTold(MeshId mesh) {
        Ports core = ports;
        if (core != null) {
            core.replicas().heard(mesh);
        }
    }

    /** A region opened a stream to this one. Its meshes are followed again once it was heard. */
    private void calledBy(String region) {
        watches.stream().filter(watched -> watched.peer().name().equals(region)).forEach(PeerWatches::peerCalled);
    }

    private void peerBack(RegionId peer) {
        followers.values().forEach(follower -> follower.peerBack(peer));
    }

    private Optional<PeerLink> peer(int regionIndex) {
        return links.stream().filter(link -> link.id().index() == regionIndex).findFirst();
    }

    private PeerLink link(RegionId region) {
        return peer(region.index()).orElseThrow(() -> new IllegalArgumentException("no such peer: " + region));
    }

    public List<MeshReplication> meshes() {
        HeadTable table = board.table();
        return table.meshes().stream()
                .sorted()
                .map(mesh -> describe(table, mesh))
                .toList();
    }

    private MeshReplication describe(HeadTable table, MeshId mesh) {
        Head own = table.ownHead(mesh).orElse(Head.empty(mesh));
        Head highest = table.highest(mesh).orElse(own);
        Optional<Integer> home = table.homeIndex(mesh);
        MeshReplication.State state;
        String detail = "";
        Route route = Route.STREAM;
        if (home.equals(Optional.of(settings.self().index()))) {
            state = MeshReplication.State.HOME;
            detail = board.lostTail(mesh) ? "a replica holds events that this home lost" : "";
        } else if (settings.witness()) {
            state = MeshReplication.State.WITNESS;
        } else if (!following.getOrDefault(mesh, true)) {
            state = MeshReplication.State.NOT_A_MEMBER;
        } else if (home.flatMap(this::peer).isEmpty()) {
            state = MeshReplication.State.HOME_UNKNOWN;
            detail = "no region of index " + home.map(Object::toString).orElse("?") + " is configured";
        } else {
            MeshFollower follower = followers.get(mesh);
            FollowerState now = follower == null ? FollowerState.initial() : follower.state();
            Phase phase = now.phase();
            route = now.route();
            state = switch (phase) {
                case Phase.Following following -> MeshReplication.State.FOLLOWING;
                case Phase.Stopped stopped -> MeshReplication.State.STOPPED;
                case Phase.Idle idle -> MeshReplication.State.CONNECTING;
                case Phase.Waiting waiting -> MeshReplication.State.CONNECTING;
                case Phase.ReadingHead reading -> MeshReplication.State.CONNECTING;
                case Phase.CheckingFork checking -> MeshReplication.State.CONNECTING;
            };
            detail = switch (phase) {
                case Phase.Stopped(var reason) -> reason;
                case Phase.Waiting(var until, var why) -> why;
                case Phase.Following following -> "";
                case Phase.Idle idle -> "";
                case Phase.ReadingHead reading -> "";
                case Phase.CheckingFork checking -> "";
            };
        }
        return new MeshReplication(mesh, home, state, own, highest, table.lagEvents(mesh), detail, route);
    }
}
