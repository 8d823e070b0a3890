package io.meridian.cli.demo;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.demo.DemoLayout.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What runs, and what the regions say of it. The component names are the fields of {@code demo status -o json}: stable for scripts.
 *
 * @param running whether all of its processes run
 * @param mesh null if no region could be asked
 * @param ingressUrl without a path
 * @param adminAddresses HOST:PORT in the order of the regions, home first
 * @param xdsAddresses likewise
 * @param externalAddress the server that plays a host outside the mesh
 * @param dataDir where the demo's data and logs are
 */
public record DemoStatus(
        boolean running,
        List<RegionRow> regions,
        @Nullable MeshRow mesh,
        List<ProxyRow> proxies,
        String ingressUrl,
        List<String> adminAddresses,
        List<String> xdsAddresses,
        String externalAddress,
        String dataDir) {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final String PARENT = "meshes/" + DemoLayout.MESH;

    public record Position(String mesh, long epoch, long seq) {
        static @Nullable Position of(io.meridian.api.type.v1.Position position) {
            return position.getSeq() == 0
                    ? null
                    : new Position(position.getMesh(), position.getEpoch(), position.getSeq());
        }

        @Override
        public String toString() {
            return epoch + "." + seq;
        }
    }

    /**
     * @param state "running" or "stopped": the process
     * @param reachable as the other regions see it; false if none could be asked
     * @param position of its replica of the mesh
     * @param lagEvents behind the home; -1 if unknown
     */
    public record RegionRow(
            String name,
            int index,
            String state,
            @Nullable Long pid,
            String adminAddress,
            String xdsAddress,
            boolean reachable,
            String role,
            @Nullable Position position,
            long lagEvents) {}

    /** @param state "ACTIVE", or "DELETED" */
    public record MeshRow(
            String name,
            String state,
            String homeRegion,
            @Nullable Position position,
            String stateHash) {}

    /**
     * @param state SYNCED, STALE, REJECTED, NOT_SENT, or DISCONNECTED if no gateway that could be asked knows it
     * @param region that serves it
     * @param position acknowledged
     * @param adminAddress of Envoy's own interface
     */
    public record ProxyRow(
            String node,
            String name,
            String cluster,
            String type,
            String state,
            String region,
            String gateway,
            String protocol,
            @Nullable Position position,
            String adminAddress,
            @Nullable Long pid) {}

    static DemoStatus collect(DemoLayout layout, DemoState state, String dataDir) {
        Answers answers = new Answers(layout, state);
        DemoProxies proxies = new DemoProxies(layout);
        List<RegionRow> regions = layout.regions().stream()
                .map(region -> regionRow(region, state, answers.regions.get(region.name())))
                .toList();
        List<ProxyRow> rows = layout.proxies().stream()
                .map(proxy -> proxyRow(proxy, proxies.nodeId(proxy), state, answers.proxies.get(proxies.nodeId(proxy))))
                .toList();
        return new DemoStatus(
                DemoRunner.processNames(layout).stream().allMatch(state::isRunning),
                regions,
                answers.mesh == null
                        ? null
                        : new MeshRow(
                                DemoLayout.MESH,
                                answers.mesh.getState().name(),
                                answers.mesh.getHomeRegion(),
                                Position.of(answers.mesh.getPosition()),
                                answers.mesh.getStateHash()),
                rows,
                layout.ingressUrl(),
                layout.regions().stream().map(DemoLayout.Region::adminAddress).toList(),
                layout.regions().stream().map(DemoLayout.Region::xdsAddress).toList(),
                "127.0.0.1:" + layout.externalPort(),
                dataDir);
    }

    private static RegionRow regionRow(DemoLayout.Region region, DemoState state, @Nullable Region told) {
        Region.@Nullable MeshInRegion mesh = told == null
                ? null
                : told.getMeshesList().stream()
                        .filter(found -> found.getMesh().equals(PARENT))
                        .findFirst()
                        .orElse(null);
        return new RegionRow(
                region.name(),
                region.index(),
                state.isRunning(region.name()) ? "running" : "stopped",
                pid(state, region.name()),
                region.adminAddress(),
                region.xdsAddress(),
                told != null && (told.getLocal() || told.getReachable()),
                mesh == null ? "" : mesh.getRole(),
                mesh == null ? null : Position.of(mesh.getHead()),
                mesh == null ? -1 : mesh.getLagEvents());
    }

    private static ProxyRow proxyRow(Proxy proxy, String node, DemoState state, @Nullable ProxyStatus told) {
        String process = DemoPrograms.envoyName(proxy);
        return new ProxyRow(
                node,
                proxy.name(),
                proxy.cluster(),
                node.startsWith("router") ? "ROUTER" : "SIDECAR",
                told == null ? "DISCONNECTED" : told.getState().name(),
                told == null ? "" : told.getRegion(),
                told == null ? "" : told.getGateway(),
                told == null ? "" : told.getProtocol(),
                told == null ? null : Position.of(told.getAcknowledged()),
                "127.0.0.1:" + proxy.adminPort(),
                pid(state, process));
    }

    private static @Nullable Long pid(DemoState state, String process) {
        DemoState.Started started = state.processes().get(process);
        return started != null && started.id().alive() ? started.id().pid() : null;
    }

    /** What the first region that answers says; nothing where none does. */
    private static final class Answers {
        private Map<String, Region> regions = Map.of();
        private Map<String, ProxyStatus> proxies = Map.of();
        private @Nullable Mesh mesh;

        Answers(DemoLayout layout, DemoState state) {
            List<DemoLayout.Region> running = new ArrayList<>(layout.regions());
            running.removeIf(region -> !state.isRunning(region.name()));
            for (DemoLayout.Region region : running) {
                if (ask(region)) {
                    return;
                }
            }
        }

        private boolean ask(DemoLayout.Region region) {
            try (AdminClient admin = new AdminClient(region.adminAddress())) {
                regions = admin
                        .call(
                                TIMEOUT,
                                channel -> RegionServiceGrpc.newBlockingStub(channel)
                                        .listRegions(ListRegionsRequest.newBuilder()
                                                .setMesh(PARENT)
                                                .build()))
                        .getRegionsList()
                        .stream()
                        .collect(Collectors.toMap(Region::getName, Function.identity(), (a, b) -> a));
                mesh = admin.call(
                        TIMEOUT,
                        channel -> MeshServiceGrpc.newBlockingStub(channel)
                                .getMesh(GetMeshRequest.newBuilder()
                                        .setName(PARENT)
                                        .build()));
                if (mesh.getState() == Mesh.State.DELETED) {
                    return true;
                }
                ListProxiesResponse listed = admin.call(
                        TIMEOUT,
                        channel -> ProxyServiceGrpc.newBlockingStub(channel)
                                .listProxies(ListProxiesRequest.newBuilder()
                                        .setParent(PARENT)
                                        .build()));
                proxies = listed.getProxiesList().stream()
                        .collect(Collectors.toMap(ProxyStatus::getNode, Function.identity(), Answers::connectedLast));
                return true;
            } catch (StatusRuntimeException e) {
                // Without the mesh, as a user may have it, this region has said all that there is.
                return e.getStatus().getCode() == Status.Code.NOT_FOUND;
            }
        }

        /** A proxy that has just moved may be listed by both gateways. */
        private static ProxyStatus connectedLast(ProxyStatus a, ProxyStatus b) {
            return a.getConnectedAtMs() >= b.getConnectedAtMs() ? a : b;
        }
    }
}
