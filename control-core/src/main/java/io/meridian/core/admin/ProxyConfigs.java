package io.meridian.core.admin;

import io.meridian.api.admin.v1.GetProxyConfigRequest;
import io.meridian.api.admin.v1.ProxyConfigPart;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.Inventories;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyCompiler;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What proxies are and were served: now from the gateway that serves them, in whatever region; earlier by compiling the log again. */
final class ProxyConfigs {
    private static final List<String> TYPES = List.of("CDS", "EDS", "LDS", "RDS", "SDS");
    /** How long a gateway, or another region's, is waited for. */
    private static final Duration GATEWAY_TIMEOUT = Duration.ofSeconds(10);
    /** Of resources in one part of the answer, about. */
    private static final int PART_BYTES = 1 << 20;

    private static final int MAX_NODE_CHARS = 1024;
    private static final int MOST_NAMED = 5;

    private final Reads reads;
    private final Proxies proxies;
    private final ProxyDirectory local;
    private final PeerRegions peers;
    private final Inventories inventories;
    private final ProxyCompiler compiler;

    ProxyConfigs(
            Reads reads,
            Proxies proxies,
            ProxyDirectory local,
            PeerRegions peers,
            Inventories inventories,
            ProxyCompiler compiler) {
        this.reads = reads;
        this.proxies = proxies;
        this.local = local;
        this.peers = peers;
        this.inventories = inventories;
        this.compiler = compiler;
    }

    /** Blocks. */
    List<ProxyConfigPart> get(GetProxyConfigRequest request, Call call) throws Exception {
        MeshId mesh = Names.mesh("parent", request.getParent());
        checkTypes(request.getTypesList());
        if (request.getNode().isEmpty() || request.getNode().length() > MAX_NODE_CHARS) {
            throw Errors.invalid(
                    "node",
                    "is required, of up to " + MAX_NODE_CHARS + " characters: a node id or the NAME.NAMESPACE of one");
        }
        var _ = Answers.await(reads.known(mesh, Optional.empty(), call), call);
        Proxies.Everywhere everywhere = Answers.await(proxies.list(mesh, call), call);
        return request.hasAt() ? at(mesh, request, everywhere, call) : now(mesh, request, everywhere, call);
    }

    private static void checkTypes(List<String> types) {
        for (int i = 0; i < types.size(); i++) {
            if (!TYPES.contains(types.get(i))) {
                throw Errors.invalid(
                        "types[" + i + "]", "\"" + types.get(i) + "\" is none of " + String.join(", ", TYPES));
            }
        }
    }

    private List<ProxyConfigPart> now(
            MeshId mesh, GetProxyConfigRequest request, Proxies.Everywhere everywhere, Call call) throws Exception {
        ProxyStatus proxy = only(request.getNode(), everywhere.proxies())
                .orElseThrow(() -> notConnected(mesh, request.getNode(), everywhere));
        ConfigQuery query = query(mesh, proxy, request);
        List<ServedResource> served = Answers.await(ask(query, proxy, call), call);
        return parts(proxy, proxy.getServed(), List.of(), served);
    }

    /** Here if one of this region's gateways serves it, whatever region that says it is of. */
    private CompletionStage<List<ServedResource>> ask(ConfigQuery query, ProxyStatus proxy, Call call) {
        Duration timeout = call.remaining(GATEWAY_TIMEOUT);
        boolean here = local.list(Optional.of(query.mesh())).stream()
                .anyMatch(each -> each.getNode().equals(proxy.getNode())
                        && each.getGateway().equals(proxy.getGateway()));
        if (here) {
            return local.served(query, timeout);
        }
        return peers.byName(proxy.getRegion())
                .map(peer -> peer.served(query, timeout))
                .orElseThrow(() -> Errors.unavailable(
                        "the proxy is served by gateway " + proxy.getGateway() + " of region \"" + proxy.getRegion()
                                + "\", which this region does not know; ask a server of that region",
                        Duration.ofSeconds(1)));
    }

    private List<ProxyConfigPart> at(
            MeshId mesh, GetProxyConfigRequest request, Proxies.Everywhere everywhere, Call call) throws Exception {
        ProxyStatus proxy = only(request.getNode(), everywhere.proxies())
                .or(() -> only(request.getNode(), everywhere.departed()))
                .orElseThrow(() -> unknown(mesh, request.getNode(), everywhere));
        MeshState state = reads.at("at", mesh, request.getAt(), call);
        if (!state.isActive()) {
            throw Errors.failedPrecondition(
                    "MESH_NOT_ACTIVE",
                    Names.of(mesh),
                    "at position " + state.head().position() + " mesh " + mesh
                            + " was not there (not created yet, or deleted), so nothing was compiled");
        }
        Map<String, List<InventoryRecord>> inventory = Answers.await(inventories.all(mesh), call);
        List<ServedResource> compiled =
                compiler.compile(state, inventory, proxy, query(mesh, proxy, request), call.remaining());
        List<String> notes = new ArrayList<>();
        notes.add("compiled again from the log at " + state.head().position()
                + ", with the inventory (services, workloads, endpoints) of now: that is not part of the log");
        if (proxy.getDisconnectedAtMs() != 0) {
            notes.add("the proxy is not connected; it is taken as it described itself until "
                    + Instant.ofEpochMilli(proxy.getDisconnectedAtMs()));
        }
        return parts(proxy, state.head().position().toProto(), notes, compiled);
    }

    private static ConfigQuery query(MeshId mesh, ProxyStatus proxy, GetProxyConfigRequest request) {
        return new ConfigQuery(mesh, proxy.getNode(), request.getTypesList(), request.getName());
    }

    /** By node id, else by name; of two connections of one proxy the newer. */
    private static Optional<ProxyStatus> only(String asked, List<ProxyStatus> among) {
        Map<String, ProxyStatus> found = new TreeMap<>();
        boolean exact = among.stream().anyMatch(proxy -> proxy.getNode().equals(asked));
        among.stream()
                .filter(proxy -> exact
                        ? proxy.getNode().equals(asked)
                        : nameOf(proxy.getNode()).equals(asked))
                .forEach(proxy -> found.merge(
                        proxy.getNode(),
                        proxy,
                        (one, other) -> one.getConnectedAtMs() >= other.getConnectedAtMs() ? one : other));
        if (found.size() > 1) {
            throw Errors.invalid(
                    "node",
                    "\"" + asked + "\" names " + found.size() + " proxies; give the node id of one: "
                            + found.keySet().stream().limit(MOST_NAMED).collect(Collectors.joining(", ")));
        }
        return found.values().stream().findFirst();
    }

    /** NAME.NAMESPACE of "TYPE~IP~NAME.NAMESPACE~DOMAIN". */
    private static String nameOf(String node) {
        String[] parts = node.split("~", -1);
        return parts.length == 4 ? parts[2] : node;
    }

    private static RuntimeException notConnected(MeshId mesh, String node, Proxies.Everywhere everywhere) {
        return only(node, everywhere.departed())
                .map(last -> missing(
                        mesh,
                        last.getNode(),
                        "proxy \"" + node + "\" is not connected: it left gateway " + last.getGateway() + " of region "
                                + last.getRegion() + " at " + Instant.ofEpochMilli(last.getDisconnectedAtMs()) + " ("
                                + last.getConduct().getLastEnd() + "); what it was served at a position can be asked"))
                .orElseGet(() -> unknown(mesh, node, everywhere));
    }

    private static RuntimeException unknown(MeshId mesh, String node, Proxies.Everywhere everywhere) {
        String silent = everywhere.unreachable().isEmpty()
                ? ""
                : "; regions that did not answer: " + String.join(", ", everywhere.unreachable());
        String like = Stream.concat(everywhere.proxies().stream(), everywhere.departed().stream())
                .map(proxy -> nameOf(proxy.getNode()))
                .filter(name -> name.startsWith(node + ".") || name.startsWith(node + "-"))
                .distinct()
                .limit(MOST_NAMED)
                .collect(Collectors.joining(", "));
        return missing(
                mesh,
                node,
                "no gateway serves a proxy \"" + node + "\" of mesh " + mesh
                        + "; NODE is a node id or the NAME.NAMESPACE of one, as the list of proxies shows them"
                        + (like.isEmpty() ? "" : "; there is " + like) + silent);
    }

    private static RuntimeException missing(MeshId mesh, String node, String message) {
        return Errors.notFound(RejectionCode.PROXY_NOT_FOUND, "Proxy", Names.of(mesh, "proxies", node), message);
    }

    private static List<ProxyConfigPart> parts(
            ProxyStatus proxy, Position position, List<String> notes, List<ServedResource> resources) {
        List<ProxyConfigPart> parts = new ArrayList<>();
        ProxyConfigPart.Builder part = ProxyConfigPart.newBuilder()
                .setProxy(proxy)
                .setPosition(position)
                .addAllNotes(notes);
        int bytes = 0;
        for (ServedResource resource : resources) {
            part.addResources(resource);
            bytes += resource.getSerializedSize();
            if (bytes >= PART_BYTES) {
                parts.add(part.build());
                part = ProxyConfigPart.newBuilder();
                bytes = 0;
            }
        }
        if (parts.isEmpty() || part.getResourcesCount() > 0) {
            parts.add(part.build());
        }
        return parts;
    }
}
