package io.meridian.benchmarks;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.model.image.MeshImage;
import io.meridian.model.inventory.InventoryKeys;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pcollections.HashTreePMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * A mesh for the compiler: HTTP services of five endpoints, every tenth with a VirtualService and a DestinationRule, spread over namespaces, each of
 * which is a scope class of its own.
 */
final class CompiledMesh {
    private static final MeshId MESH = new MeshId("compiled");
    private static final String CLUSTER = "k8s-1";
    private static final String GROUP = "networking.istio.io";
    private static final Instant START = Instant.parse("2026-11-24T09:00:00Z");
    private static final int ENDPOINTS = 5;
    private static final int CONFIGURED = 10;

    private final int namespaces;
    private final MeshImage image;

    CompiledMesh(int services, int namespaces, CompileBenchmark.Visible visible) {
        this.namespaces = namespaces;
        PSortedMap<ResourceKey, Resource> resources = TreePMap.empty();
        List<InventoryRecord> inventory = new ArrayList<>();
        for (int i = 0; i < services; i++) {
            inventory.add(service(i));
            for (int e = 0; e < ENDPOINTS; e++) {
                inventory.add(workload(i, e, 0));
                inventory.add(endpoint(i, e));
            }
            if (i % CONFIGURED == 0) {
                Resource route = route(i, 0);
                Resource rule = rule(i, 0);
                resources = resources.plus(route.key(), route).plus(rule.key(), rule);
            }
        }
        for (int n = 0; visible == CompileBenchmark.Visible.OWN && namespaces > 1 && n < namespaces; n++) {
            Resource sidecar = sidecar(n, 0);
            resources = resources.plus(sidecar.key(), sidecar);
        }
        image = new MeshImage(state(1, resources), HashTreePMap.empty())
                .withInventory(CLUSTER, true, inventory)
                .image();
    }

    private static MeshState state(long seq, PSortedMap<ResourceKey, Resource> resources) {
        return new MeshState(
                MESH,
                new Head(new Position(MESH, new Epoch(65), seq), Hash.ZERO),
                MeshState.Life.ACTIVE,
                "uid",
                MeshSpec.getDefaultInstance(),
                START,
                "eu-1",
                false,
                seq,
                TreePMap.singleton(CLUSTER, new MeshState.Entry<>(ClusterSpec.getDefaultInstance(), START, 1)),
                TreePMap.empty(),
                TreePMap.empty(),
                resources,
                MeshState.empty(MESH).applied(),
                MeshState.empty(MESH).lineage(),
                MeshState.empty(MESH).handover(),
                MeshState.empty(MESH).successor(),
                MeshState.empty(MESH).branches(),
                MeshState.empty(MESH).membership());
    }

    MeshImage image() {
        return image;
    }

    /** That was not told of the image yet. */
    IstioCompiler compiler() {
        return new IstioCompiler(MESH);
    }

    /** The image with one edit; each {@code version} from 1 on another. */
    MeshImage.Step with(Resource resource, int version) {
        return image.replaceState(state(1 + version, image.state().resources().plus(resource.key(), resource)));
    }

    /** The image in which one endpoint has another weight and address. */
    MeshImage.Step withEndpoint(int service, int version) {
        return new MeshImage(state(1 + version, image.state().resources()), image.inventory())
                .withInventory(CLUSTER, false, List.of(workload(service, 0, version)));
    }

    String namespace(int i) {
        return "ns-" + i % namespaces;
    }

    private Resource resource(String kind, String namespace, String name, String spec) {
        return new Resource(
                new ResourceKey(GROUP, kind, namespace, name),
                GROUP + "/v1",
                Map.of(),
                Map.of(),
                ByteString.copyFromUtf8(spec),
                "uid",
                START,
                1,
                1);
    }

    Resource route(int i, int version) {
        String host = "service-" + i;
        return resource(
                "VirtualService", namespace(i), host, """
                {"hosts":["%1$s"],"http":[\
                {"match":[{"uri":{"prefix":"/v2"},"headers":{"x-user":{"exact":"u%2$d"}}}],\
                "route":[{"destination":{"host":"%1$s","subset":"v2"}}],"timeout":"3s"},\
                {"route":[{"destination":{"host":"%1$s","subset":"v1"},"weight":%3$d},\
                {"destination":{"host":"%1$s","subset":"v2"},"weight":%4$d}],"retries":{"attempts":3}}]}\
                """.formatted(host, version, version % 101, 100 - version % 101));
    }

    Resource rule(int i, int version) {
        String host = "service-" + i;
        return resource("DestinationRule", namespace(i), host, """
                {"host":"%s","trafficPolicy":{"connectionPool":{"tcp":{"maxConnections":%d}}},\
                "subsets":[{"name":"v1","labels":{"version":"v1"}},{"name":"v2","labels":{"version":"v2"}}]}\
                """.formatted(host, 100 + version));
    }

    /** One that shows its namespace and, turn about, the next one too; each version another, as the others are. */
    Resource sidecar(int namespace, int version) {
        String next = version % 2 == 0 ? "" : ",\"" + namespace(namespace + 1) + "/*\"";
        return resource(
                "Sidecar",
                namespace(namespace),
                "default",
                "{\"egress\":[{\"hosts\":[\"./*\",\"./version-" + version + ".example\"" + next
                        + "]}],\"outboundTrafficPolicy\":{\"mode\":\""
                        + (version % 4 < 2 ? "ALLOW_ANY" : "REGISTRY_ONLY") + "\"}}");
    }

    private InventoryRecord service(int i) {
        return inventory(InventoryObject.newBuilder()
                .setService(InventoryService.newBuilder()
                        .setNamespace(namespace(i))
                        .setName("service-" + i)
                        .addAddresses("10." + (100 + i / 60_000) + "." + i / 250 % 240 + "." + i % 250)
                        .addPorts(InventoryService.ServicePort.newBuilder()
                                .setName("http")
                                .setPort(8080)))
                .build());
    }

    private InventoryRecord workload(int i, int endpoint, int version) {
        return inventory(InventoryObject.newBuilder()
                .setWorkload(InventoryWorkload.newBuilder()
                        .setNamespace(namespace(i))
                        .setName("service-" + i + "-" + endpoint)
                        .addAddresses("10." + endpoint + "." + i / 250 + "." + i % 250)
                        .setWeight(1 + version)
                        .putLabels("app", "service-" + i)
                        .putLabels("version", endpoint % 2 == 0 ? "v1" : "v2")
                        .setState(InventoryWorkload.State.READY))
                .build());
    }

    private InventoryRecord endpoint(int i, int endpoint) {
        return inventory(InventoryObject.newBuilder()
                .setEndpoint(InventoryEndpoint.newBuilder()
                        .setNamespace(namespace(i))
                        .setService("service-" + i)
                        .setWorkload("service-" + i + "-" + endpoint)
                        .putPorts("http", 8080))
                .build());
    }

    private static InventoryRecord inventory(InventoryObject object) {
        return InventoryRecord.newBuilder()
                .setKey(InventoryKeys.of(object))
                .setObject(object)
                .build();
    }

    /** Spread over the namespaces, each with labels of its own. */
    Proxy proxy(int i) {
        String namespace = namespace(i);
        String domain = namespace + ".svc.cluster.local";
        String address = "10.200." + i / 250 + "." + i % 250;
        return new Proxy(
                "sidecar~" + address + "~app-" + i + "." + namespace + "~" + domain,
                Proxy.Type.SIDECAR,
                List.of(address),
                "app-" + i,
                namespace,
                domain,
                CLUSTER,
                "",
                "",
                Map.of("app", "app-" + i, "version", "v1"),
                Proxy.InterceptionMode.REDIRECT,
                "1.27.0",
                "default");
    }
}
