package io.meridian.model.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.MtlsMode;
import io.meridian.api.type.v1.MeshSpec.OutboundTrafficPolicy;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.resource.Resource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether events may widen authorization or weaken mTLS. Judges on the safe side: it says yes to a change in either direction where the
 * direction is not plain. Yes are
 *
 * <ul>
 *   <li>anything in the group security.istio.io, and any kind that is not known here (an EnvoyFilter can do everything);
 *   <li>objects of networking.istio.io whose settings of TLS, identities or outbound policy are not those of the object as it stands,
 *       wherever in the spec they are;
 *   <li>a mesh whose mTLS mode becomes weaker, whose unknown destinations become reachable, or whose trust domain or root namespace
 *       changes, and a mesh's deletion, which takes all policies along;
 *   <li>labels or annotations of a namespace that Istio reads: they take workloads out of the mesh.
 * </ul>
 */
final class SecurityRelevance {
    /** Kinds of networking.istio.io of which only {@link #MEMBERS} matter. */
    private static final Set<String> ROUTING_KINDS =
            Set.of("DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService", "WorkloadEntry");

    /** Members of their specs, at any depth (istio.io, the references of these kinds). */
    private static final Set<String> MEMBERS =
            Set.of("tls", "subjectAltNames", "serviceAccount", "outboundTrafficPolicy");

    private static final String NETWORKING = "networking.istio.io";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SecurityRelevance() {}

    /** {@code before}: what the events would change. */
    static boolean of(MeshState before, List<MeshEvent> events) {
        return events.stream().anyMatch(event -> of(before, event));
    }

    private static boolean of(MeshState before, MeshEvent event) {
        return switch (event) {
            case MeshEvent.MeshUpdated(var spec) -> weakens(before.spec(), spec);
            case MeshEvent.MeshDeleted deleted -> true;
            case MeshEvent.NamespaceUpdated(var name, var spec) -> {
                MeshState.Entry<NamespaceSpec> entry = before.namespaces().get(name);
                yield !istio(spec).equals(istio(entry == null ? NamespaceSpec.getDefaultInstance() : entry.spec()));
            }
            case MeshEvent.NamespaceCreated(var name, var spec) -> !istio(spec).isEmpty();
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) ->
                changes.stream().anyMatch(change -> of(before, change));
            // A mesh that is not there has nothing that could be weakened.
            case MeshEvent.MeshCreated created -> false;
            case MeshEvent.MeshUpgraded upgraded -> false;
            case MeshEvent.ClusterAdded added -> false;
            case MeshEvent.ClusterUpdated updated -> false;
            case MeshEvent.ClusterRemoved removed -> false;
            // Its policies went before it, in an event of their own.
            case MeshEvent.NamespaceDeleted deleted -> false;
            case MeshEvent.IngressGatewayDeployed deployed -> false;
            case MeshEvent.IngressGatewayUpdated updated -> false;
            case MeshEvent.IngressGatewayUninstalled uninstalled -> false;
            case MeshEvent.SegmentOpened opened -> false;
            case MeshEvent.SegmentSealed sealed -> false;
            case MeshEvent.HandoverStarted started -> false;
            case MeshEvent.HandoverAborted aborted -> false;
            case MeshEvent.DivergentBranchDetected detected -> false;
            case MeshEvent.BranchDiscarded discarded -> false;
            case MeshEvent.RegionJoined joined -> false;
            case MeshEvent.RegionLeft left -> false;
        };
    }

    private static boolean weakens(MeshSpec before, MeshSpec after) {
        return strength(after.getMtlsMode()) < strength(before.getMtlsMode())
                || (after.getOutboundTrafficPolicy() != before.getOutboundTrafficPolicy()
                        && after.getOutboundTrafficPolicy() != OutboundTrafficPolicy.REGISTRY_ONLY)
                || !after.getTrustDomain().equals(before.getTrustDomain())
                || !after.getRootNamespace().equals(before.getRootNamespace());
    }

    private static int strength(MtlsMode mode) {
        return switch (mode) {
            case MTLS_STRICT -> 2;
            case MTLS_PERMISSIVE, MTLS_MODE_UNSPECIFIED -> 1;
            case MTLS_DISABLE, UNRECOGNIZED -> 0;
        };
    }

    /** The labels and annotations whose keys name Istio: injection, revision, data plane mode. */
    private static Map<String, String> istio(NamespaceSpec spec) {
        Map<String, String> read = new TreeMap<>();
        spec.getLabelsMap().forEach((key, value) -> {
            if (key.contains("istio")) {
                read.put("label " + key, value);
            }
        });
        spec.getAnnotationsMap().forEach((key, value) -> {
            if (key.contains("istio")) {
                read.put("annotation " + key, value);
            }
        });
        return read;
    }

    private static boolean of(MeshState before, MeshEvent.ResourceChange change) {
        if (!change.key().group().equals(NETWORKING)
                || !ROUTING_KINDS.contains(change.key().kind())) {
            return true;
        }
        @Nullable Resource stored = before.resources().get(change.key());
        Map<String, JsonNode> now = stored == null ? Map.of() : settings(stored.spec());
        return switch (change) {
            case MeshEvent.ResourcePut put -> !settings(put.spec()).equals(now);
            // What it was is not known if it is not there.
            case MeshEvent.ResourceDeleted deleted -> stored == null || !now.isEmpty();
        };
    }

    /** By path. */
    private static Map<String, JsonNode> settings(ByteString spec) {
        Map<String, JsonNode> found = new TreeMap<>();
        try {
            collect("", JSON.readTree(spec.toByteArray()), found);
        } catch (IOException e) {
            // Unlike any other, and so a difference.
            found.put("malformed", JSON.getNodeFactory().textNode(spec.toStringUtf8()));
        }
        return found;
    }

    private static void collect(String path, JsonNode node, Map<String, JsonNode> found) {
        node.properties().forEach(member -> {
            String below = path + "/" + member.getKey();
            if (MEMBERS.contains(member.getKey())) {
                found.put(below, member.getValue());
            } else {
                collect(below, member.getValue(), found);
            }
        });
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(path + "/" + i, node.get(i), found);
            }
        }
    }
}
