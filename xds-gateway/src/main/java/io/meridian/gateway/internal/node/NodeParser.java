package io.meridian.gateway.internal.node;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.meridian.compiler.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads Istio's node id {@code TYPE~IP~NAME.NAMESPACE~DOMAIN} and bootstrap metadata. Stateless.
 *
 * <p>Source: ParseServiceNodeWithMetadata and BootstrapNodeMetadata of Istio's pkg/model.
 */
public final class NodeParser {
    private static final int MAX_ID_LENGTH = 1024;
    private static final int ID_PARTS = 4;
    private static final Pattern ADDRESS =
            Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}|(?=.*:.*:)[0-9a-fA-F:.]{2,45}(%[0-9a-zA-Z._-]{1,32})?");

    private NodeParser() {}

    public static ProxyNode parse(Node node) throws InvalidNodeException {
        String id = node.getId();
        if (id.isEmpty()) {
            throw new InvalidNodeException("node.id is empty: the first request of a stream must carry the node, with"
                    + " an id of the form TYPE~IP~NAME.NAMESPACE~DOMAIN");
        }
        if (id.length() > MAX_ID_LENGTH) {
            throw new InvalidNodeException("node.id has " + id.length() + " characters; at most " + MAX_ID_LENGTH
                    + " are allowed: '" + id.substring(0, 64) + "...'");
        }
        String[] parts = id.split("~", -1);
        if (parts.length != ID_PARTS) {
            throw invalid(id, "has " + parts.length + " parts, not 4 separated by '~'");
        }
        Struct metadata = node.getMetadata();
        List<String> addresses = addresses(parts[1], text(metadata, "INSTANCE_IPS"));
        if (addresses.isEmpty()) {
            throw invalid(id, "has no IP address as its second part ('" + parts[1] + "'), nor metadata INSTANCE_IPS");
        }
        String namespace = namespace(parts[2], parts[3], text(metadata, "NAMESPACE"));
        if (parts[2].isEmpty()) {
            throw invalid(id, "has no workload name as its third part");
        }
        Map<String, String> labels = labels(metadata);
        Proxy proxy = new Proxy(
                id,
                type(id, parts[0], text(metadata, "GENERATOR")),
                addresses,
                workload(parts[2], namespace),
                namespace,
                parts[3].isEmpty() ? namespace + ".svc.cluster.local" : parts[3],
                text(metadata, "CLUSTER_ID"),
                text(metadata, "NETWORK"),
                locality(node.getLocality(), labels),
                labels,
                interception(text(metadata, "INTERCEPTION_MODE")),
                text(metadata, "ISTIO_VERSION"),
                text(metadata, "SERVICE_ACCOUNT"));
        return new ProxyNode(proxy, text(metadata, "MESH_ID"), version(node, proxy.istioVersion()));
    }

    private static InvalidNodeException invalid(String id, String why) {
        return new InvalidNodeException("node.id '" + id + "' " + why + "; the form is TYPE~IP~NAME.NAMESPACE~DOMAIN");
    }

    private static Proxy.Type type(String id, String type, String generator) throws InvalidNodeException {
        Proxy.Type known = switch (type) {
            case "sidecar" -> Proxy.Type.SIDECAR;
            case "router" -> Proxy.Type.ROUTER;
            default -> throw invalid(id, "is of type '" + type + "'; 'sidecar' and 'router' are served");
        };
        return generator.equals("grpc") ? Proxy.Type.GRPC : known;
    }

    private static List<String> addresses(String ofId, String instanceIps) {
        Set<String> addresses = Stream.concat(Stream.of(ofId), Stream.of(instanceIps.split(",", -1)))
                .map(String::strip)
                .filter(address -> ADDRESS.matcher(address).matches())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return List.copyOf(addresses);
    }

    private static String namespace(String workload, String domain, String told) {
        if (!told.isEmpty()) {
            return told;
        }
        int dot = workload.lastIndexOf('.');
        if (dot > 0 && dot < workload.length() - 1) {
            return workload.substring(dot + 1);
        }
        int end = domain.indexOf('.');
        return end > 0 ? domain.substring(0, end) : "default";
    }

    private static String workload(String name, String namespace) {
        String suffix = "." + namespace;
        return name.endsWith(suffix) && name.length() > suffix.length()
                ? name.substring(0, name.length() - suffix.length())
                : name;
    }

    /** Envoy's own field, or else the label that Istio's agent puts a locality in. */
    private static String locality(Locality locality, Map<String, String> labels) {
        List<String> parts = new ArrayList<>(List.of(locality.getRegion(), locality.getZone(), locality.getSubZone()));
        while (!parts.isEmpty() && parts.getLast().isEmpty()) {
            parts.removeLast();
        }
        if (!parts.isEmpty()) {
            return String.join("/", parts);
        }
        return labels.getOrDefault("istio-locality", "").replace('.', '/');
    }

    private static Proxy.InterceptionMode interception(String mode) {
        return switch (mode.toUpperCase(Locale.ROOT)) {
            case "NONE" -> Proxy.InterceptionMode.NONE;
            case "TPROXY" -> Proxy.InterceptionMode.TPROXY;
            default -> Proxy.InterceptionMode.REDIRECT;
        };
    }

    private static Map<String, String> labels(Struct metadata) {
        Map<String, String> labels = new HashMap<>();
        Value value = metadata.getFieldsMap().get("LABELS");
        if (value != null && value.hasStructValue()) {
            value.getStructValue().getFieldsMap().forEach((key, label) -> {
                if (label.hasStringValue()) {
                    labels.put(key, label.getStringValue());
                }
            });
        }
        return labels;
    }

    private static String version(Node node, String istioVersion) {
        if (!istioVersion.isEmpty()) {
            return istioVersion;
        }
        var version = node.getUserAgentBuildVersion().getVersion();
        if (node.hasUserAgentBuildVersion()) {
            return "%s %d.%d.%d"
                    .formatted(
                            node.getUserAgentName(),
                            version.getMajorNumber(),
                            version.getMinorNumber(),
                            version.getPatch())
                    .strip();
        }
        return (node.getUserAgentName() + " " + node.getUserAgentVersion()).strip();
    }

    private static String text(Struct metadata, String key) {
        Value value = metadata.getFieldsMap().get(key);
        return value != null && value.hasStringValue() ? value.getStringValue() : "";
    }
}
