package io.meridian.core.admin;

import io.grpc.BindableService;
import io.meridian.core.HomeMoves;
import io.meridian.core.Inventories;
import io.meridian.core.MeshCommands;
import io.meridian.core.MeshLog;
import io.meridian.core.MeshStates;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyCompiler;
import io.meridian.core.ProxyDirectory;
import java.time.InstantSource;
import java.util.List;

/**
 * The services of meridian.admin.v1 over a region's ports. Stateless and thread-safe. Serve them behind {@link
 * io.meridian.core.rpc.Entrance}, which notes callers and keeps failures in.
 */
public final class AdminServices {
    private final List<BindableService> services;

    /** {@code growth}: {@link ReplicaProgress} in production; {@code clock}: only to tell ages; {@code InstantSource.system()} in production. */
    public AdminServices(
            LocalRegion region,
            MeshCommands commands,
            MeshStates states,
            MeshLog log,
            Inventories inventories,
            ProxyDirectory proxies,
            PeerRegions peers,
            ReplicaGrowth growth,
            HomeMoves moves,
            ProxyCompiler compiler,
            InstantSource clock) {
        Proxies everywhere = new Proxies(proxies, peers, clock);
        KnownRegions regions = new KnownRegions(region, peers);
        Reads reads = new Reads(states);
        Writes writes = new Writes(region.id(), commands);
        BranchReads branches = new BranchReads(reads, log);
        ResourceWrites resources = new ResourceWrites(reads, writes, log, new ServiceAnalysis(inventories));
        services = List.of(
                new MeshAdmin(reads, writes, new MeshCreation(region.id(), reads, writes, peers), log),
                new ClusterAdmin(reads, writes, inventories),
                new NamespaceAdmin(reads, writes),
                new IngressGatewayAdmin(reads, writes),
                new ResourceAdmin(reads, resources, new ResourceDeletion(reads, writes, resources)),
                new InventoryAdmin(reads, inventories, peers),
                new HistoryAdmin(reads, log),
                new ProxyAdmin(
                        reads,
                        states,
                        everywhere,
                        new ProxyConfigs(reads, everywhere, proxies, peers, inventories, compiler)),
                new RegionAdmin(
                        reads,
                        new RegionList(region, reads, log, peers, regions, growth, clock),
                        regions,
                        everywhere,
                        new HomeMoveCalls(region.id().name(), regions, moves),
                        new MemberChanges(reads, writes, regions, everywhere),
                        branches,
                        new BranchResolution(reads, writes, branches)));
    }

    public List<BindableService> services() {
        return services;
    }
}
