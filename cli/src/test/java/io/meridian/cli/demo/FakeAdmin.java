package io.meridian.cli.demo;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyInventoryResponse;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.ClusterWriteResponse;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.GetIngressGatewayRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.IngressGatewayWriteResponse;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListRegionsResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.UpdateIngressGatewayRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The part of an admin server that the demo talks to, in memory; it says what it was asked to change. */
final class FakeAdmin implements AutoCloseable {
    final List<String> writes = new CopyOnWriteArrayList<>();
    /** Of applied resources, refused ones too. */
    final List<String> requestIds = new CopyOnWriteArrayList<>();
    /** How many calls are refused as unavailable before any is taken. */
    final AtomicInteger unavailable = new AtomicInteger();

    volatile List<ProxyStatus> proxies = List.of();
    volatile Mesh.@Nullable State meshState;

    private final Map<String, IngressGatewaySpec> gateways = new ConcurrentHashMap<>();
    private final Map<String, Boolean> clusters = new ConcurrentHashMap<>();
    private final Server server;

    /** @param port 0: chosen by the system */
    FakeAdmin(int port) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(new Meshes())
                .addService(new Clusters())
                .addService(new Gateways())
                .addService(new Inventories())
                .addService(new Resources())
                .addService(new Proxies())
                .addService(new Regions())
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> void answer(StreamObserver<T> observer, T answer) {
        if (unavailable.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            observer.onError(Status.UNAVAILABLE.withDescription("not yet").asRuntimeException());
        } else {
            observer.onNext(answer);
            observer.onCompleted();
        }
    }

    private static void notFound(StreamObserver<?> observer) {
        observer.onError(Status.NOT_FOUND.asRuntimeException());
    }

    private final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void getMesh(GetMeshRequest request, StreamObserver<Mesh> observer) {
            Mesh.State state = meshState;
            if (state == null) {
                notFound(observer);
            } else {
                answer(
                        observer,
                        Mesh.newBuilder()
                                .setName(request.getName())
                                .setState(state)
                                .setHomeRegion("eu-1")
                                .setPosition(Position.newBuilder()
                                        .setMesh("bookinfo")
                                        .setEpoch(1)
                                        .setSeq(9))
                                .build());
            }
        }

        @Override
        public void createMesh(CreateMeshRequest request, StreamObserver<MeshWriteResponse> observer) {
            meshState = Mesh.State.ACTIVE;
            writes.add("create " + request.getMeshId() + " in " + request.getHomeRegion());
            answer(observer, MeshWriteResponse.getDefaultInstance());
        }
    }

    private final class Clusters extends ClusterServiceGrpc.ClusterServiceImplBase {
        @Override
        public void getCluster(GetClusterRequest request, StreamObserver<Cluster> observer) {
            if (clusters.containsKey(request.getName())) {
                answer(observer, Cluster.getDefaultInstance());
            } else {
                notFound(observer);
            }
        }

        @Override
        public void addCluster(AddClusterRequest request, StreamObserver<ClusterWriteResponse> observer) {
            clusters.put(request.getParent() + "/clusters/" + request.getClusterId(), true);
            writes.add("cluster " + request.getClusterId() + " "
                    + request.getSpec().getType());
            answer(observer, ClusterWriteResponse.getDefaultInstance());
        }
    }

    private final class Gateways extends IngressGatewayServiceGrpc.IngressGatewayServiceImplBase {
        @Override
        public void getIngressGateway(GetIngressGatewayRequest request, StreamObserver<IngressGateway> observer) {
            IngressGatewaySpec spec = gateways.get(request.getName());
            if (spec == null) {
                notFound(observer);
            } else {
                answer(observer, IngressGateway.newBuilder().setSpec(spec).build());
            }
        }

        @Override
        public void deployIngressGateway(
                DeployIngressGatewayRequest request, StreamObserver<IngressGatewayWriteResponse> observer) {
            gateways.put(request.getParent() + "/ingressGateways/" + request.getIngressGatewayId(), request.getSpec());
            writes.add("deploy at " + request.getSpec().getPorts(0).getContainerPort());
            answer(observer, IngressGatewayWriteResponse.getDefaultInstance());
        }

        @Override
        public void updateIngressGateway(
                UpdateIngressGatewayRequest request, StreamObserver<IngressGatewayWriteResponse> observer) {
            gateways.put(request.getName(), request.getSpec());
            writes.add("move to " + request.getSpec().getPorts(0).getContainerPort());
            answer(observer, IngressGatewayWriteResponse.getDefaultInstance());
        }
    }

    private final class Inventories extends InventoryServiceGrpc.InventoryServiceImplBase {
        @Override
        public void applyInventory(ApplyInventoryRequest request, StreamObserver<ApplyInventoryResponse> observer) {
            writes.add("inventory " + request.getUpsertsCount());
            answer(observer, ApplyInventoryResponse.getDefaultInstance());
        }
    }

    private final class Resources extends ResourceServiceGrpc.ResourceServiceImplBase {
        @Override
        public void applyResources(ApplyResourcesRequest request, StreamObserver<ApplyResourcesResponse> observer) {
            writes.add("apply " + request.getManifests(0).getSource());
            requestIds.add(request.getOptions().getRequestId());
            answer(
                    observer,
                    ApplyResourcesResponse.newBuilder()
                            .setWrite(WriteResponse.newBuilder()
                                    .setPosition(Position.newBuilder()
                                            .setMesh("bookinfo")
                                            .setEpoch(1)
                                            .setSeq(requestIds.size())))
                            .build());
        }
    }

    private final class Proxies extends ProxyServiceGrpc.ProxyServiceImplBase {
        @Override
        public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> observer) {
            answer(
                    observer,
                    ListProxiesResponse.newBuilder().addAllProxies(proxies).build());
        }
    }

    private final class Regions extends RegionServiceGrpc.RegionServiceImplBase {
        @Override
        public void listRegions(ListRegionsRequest request, StreamObserver<ListRegionsResponse> observer) {
            Region.MeshInRegion mesh = Region.MeshInRegion.newBuilder()
                    .setMesh("meshes/bookinfo")
                    .setRole("HOME")
                    .setHead(Position.newBuilder()
                            .setMesh("bookinfo")
                            .setEpoch(1)
                            .setSeq(9))
                    .build();
            answer(
                    observer,
                    ListRegionsResponse.newBuilder()
                            .addRegions(Region.newBuilder()
                                    .setName("eu-1")
                                    .setLocal(true)
                                    .addMeshes(mesh))
                            .addRegions(Region.newBuilder().setName("us-1"))
                            .build());
        }
    }
}
