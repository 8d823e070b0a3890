package io.meridian.model.istio;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds that the mesh takes, and what is known of those that it does not. Names and versions are those of Istio's CRDs. */
public final class IstioKinds {
    public static final String NETWORKING = "networking.istio.io";
    private static final List<String> NETWORKING_VERSIONS = List.of("v1", "v1beta1", "v1alpha3");

    /**
     * @param versions served, the preferred one first
     * @param shortNames as kubectl takes them
     */
    public record Kind(
            String group, String kind, String plural, String singular, List<String> shortNames, List<String> versions) {
        public Kind {
            shortNames = List.copyOf(shortNames);
            versions = List.copyOf(versions);
        }

        /** "networking.istio.io/v1". */
        public String preferredApiVersion() {
            return group + "/" + versions.getFirst();
        }

        /** "networking.istio.io/v1, networking.istio.io/v1beta1, ...". */
        public String apiVersions() {
            return versions.stream().map(version -> group + "/" + version).collect(Collectors.joining(", "));
        }
    }

    public static final Kind GATEWAY = networking("Gateway", "gateways", "gw");
    public static final Kind VIRTUAL_SERVICE = networking("VirtualService", "virtualservices", "vs");
    public static final Kind DESTINATION_RULE = networking("DestinationRule", "destinationrules", "dr");
    public static final Kind SERVICE_ENTRY = networking("ServiceEntry", "serviceentries", "se");
    public static final Kind SIDECAR = networking("Sidecar", "sidecars");
    public static final Kind WORKLOAD_ENTRY = networking("WorkloadEntry", "workloadentries", "we");

    private static final List<Kind> SUPPORTED =
            List.of(DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, SIDECAR, VIRTUAL_SERVICE, WORKLOAD_ENTRY);

    /** By the groups that Istio and the Gateway API define; refused for now, so that nothing is accepted that is not enforced. */
    private static final Map<String, Set<String>> NOT_YET = Map.of(
            NETWORKING,
            Set.of("EnvoyFilter", "ProxyConfig", "WorkloadGroup"),
            "security.istio.io",
            Set.of("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"),
            "telemetry.istio.io",
            Set.of("Telemetry"),
            "extensions.istio.io",
            Set.of("WasmPlugin", "TrafficExtension"),
            "gateway.networking.k8s.io",
            Set.of(
                    "BackendTLSPolicy",
                    "GRPCRoute",
                    "Gateway",
                    "GatewayClass",
                    "HTTPRoute",
                    "ReferenceGrant",
                    "TCPRoute",
                    "TLSRoute",
                    "UDPRoute"));

    /** Kubernetes' own groups: what they hold belongs in a data-plane cluster. "" is the core group. */
    private static final Set<String> DATA_PLANE_GROUPS = Set.of(
            "",
            "apps",
            "autoscaling",
            "batch",
            "discovery.k8s.io",
            "extensions",
            "networking.k8s.io",
            "policy",
            "rbac.authorization.k8s.io",
            "storage.k8s.io");

    private IstioKinds() {}

    private static Kind networking(String kind, String plural, String... shortNames) {
        return new Kind(
                NETWORKING, kind, plural, kind.toLowerCase(Locale.ROOT), List.of(shortNames), NETWORKING_VERSIONS);
    }

    /** In the order of their names. */
    public static List<Kind> supported() {
        return SUPPORTED;
    }

    /** "DestinationRule, Gateway, ...", for messages. */
    public static String supportedNames() {
        return SUPPORTED.stream().map(Kind::kind).collect(Collectors.joining(", "));
    }

    public static Optional<Kind> find(String group, String kind) {
        return SUPPORTED.stream()
                .filter(candidate ->
                        candidate.group().equals(group) && candidate.kind().equals(kind))
                .findFirst();
    }

    /** By any name that a person may type, in any case: "vs", "virtualservice", "VirtualServices", "virtualservices.networking.istio.io". */
    public static Optional<Kind> named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return SUPPORTED.stream()
                .filter(kind -> names(kind).anyMatch(candidate -> candidate.equals(wanted)))
                .findFirst();
    }

    private static Stream<String> names(Kind kind) {
        Stream<String> plain = Stream.concat(Stream.of(kind.plural(), kind.singular()), kind.shortNames().stream());
        return plain.flatMap(name -> Stream.of(name, name + "." + kind.group()));
    }

    /** Whether it is a policy or route of Istio or of the Gateway API that this version does not enforce. */
    public static boolean isKnownButUnsupported(String group, String kind) {
        return NOT_YET.getOrDefault(group, Set.of()).contains(kind);
    }

    /** Whether it is an object of Kubernetes itself: an application or what belongs to one. Namespaces are not. */
    public static boolean isDataPlane(String group, String kind) {
        return DATA_PLANE_GROUPS.contains(group) && !(group.isEmpty() && kind.equals("Namespace"));
    }
}
