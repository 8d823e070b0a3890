package io.meridian.compiler.internal.input;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.internal.graph.Index;
import io.meridian.compiler.internal.graph.Table;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.Gateway;
import io.meridian.model.istio.ServiceEntry;
import io.meridian.model.istio.Sidecar;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.istio.WorkloadEntry;
import io.meridian.model.resource.ResourceKey;
import java.util.Map;
import java.util.Optional;

/** All tables and indexes that a compiled resource may rest on. */
public final class Inputs {
    /** The key of what there is one of per mesh. */
    public static final String ALL = "";

    public static final Table<String, MeshSpec> MESH = new Table<>("mesh");
    public static final Table<String, ClusterSpec> CLUSTERS = new Table<>("clusters");
    public static final Index<String, String, IngressGatewaySpec> INGRESS_GATEWAYS = new Index<>("ingress gateways");

    public static final Table<ResourceKey, VirtualService> VIRTUAL_SERVICES = new Table<>("VirtualServices");
    public static final Table<ResourceKey, DestinationRule> DESTINATION_RULES = new Table<>("DestinationRules");
    public static final Table<ResourceKey, Gateway> GATEWAYS = new Table<>("Gateways");
    public static final Table<ResourceKey, ServiceEntry> SERVICE_ENTRIES = new Table<>("ServiceEntries");
    public static final Table<ResourceKey, Sidecar> SIDECARS = new Table<>("Sidecars");
    public static final Table<ResourceKey, WorkloadEntry> WORKLOAD_ENTRIES = new Table<>("WorkloadEntries");

    /** Those for sidecars: all, and by their namespace. */
    public static final Index<String, Age, VirtualServiceRef> MESH_VIRTUAL_SERVICES =
            new Index<>("VirtualServices of the mesh");

    /** By "namespace/name" of the Gateway. */
    public static final Index<String, Age, VirtualServiceRef> GATEWAY_VIRTUAL_SERVICES =
            new Index<>("VirtualServices by gateway");

    /** Labels and values that decide which routes or rules a client gets. */
    public static final Index<String, LabelUse, String> CLIENT_LABELS = new Index<>("labels of clients");

    /** DestinationRules by which it matters where a client is. */
    public static final Index<String, Age, String> LOCALITY_RULES = new Index<>("DestinationRules by locality");

    public static final Index<HostIn, Age, RuleRef> RULES_BY_HOST = new Index<>("DestinationRules by host");
    /** By namespace. */
    public static final Index<String, WildcardUse, RuleRef> WILDCARD_RULES =
            new Index<>("DestinationRules of wildcards");

    public static final Index<String, Age, Map<String, String>> GATEWAY_SELECTORS = new Index<>("Gateways' selectors");
    /** By namespace. */
    public static final Index<String, Age, Optional<Map<String, String>>> SIDECARS_OF =
            new Index<>("Sidecars by namespace");

    /** All, and by their namespace. */
    public static final Index<String, ServiceSource, String> SERVICES = new Index<>("services");

    public static final Index<String, ServiceSource, String> SERVICES_BY_HOST = new Index<>("services by host");
    public static final Index<ServiceKey, Age, String> ENTRIES_OF_SERVICE = new Index<>("ServiceEntries by service");
    public static final Index<ServiceKey, ClusterObject, InventoryService> REGISTERED =
            new Index<>("inventory services by service");

    public static final Table<ClusterObject, InventoryService> REGISTRY = new Table<>("inventory services");

    /** ServiceEntries by namespace that select workloads. */
    public static final Index<String, Age, Map<String, String>> SELECTING_ENTRIES =
            new Index<>("ServiceEntries that select workloads");
    /** ServiceEntries by the addresses of their own endpoints. */
    public static final Index<String, Age, String> ENTRIES_BY_ADDRESS = new Index<>("ServiceEntries by address");
    /** WorkloadEntries' labels by namespace. */
    public static final Index<String, ResourceKey, Map<String, String>> WORKLOAD_ENTRIES_OF =
            new Index<>("WorkloadEntries by namespace");

    public static final Table<ClusterObject, InventoryWorkload> WORKLOADS = new Table<>("workloads");
    /** Workloads' labels by namespace. */
    public static final Index<String, ClusterObject, Map<String, String>> WORKLOADS_OF =
            new Index<>("workloads by namespace");

    public static final Index<WorkloadName, ClusterObject, String> WORKLOADS_BY_NAME = new Index<>("workloads by name");
    /** By service; entries are workloads' names in its namespace. */
    public static final Index<ClusterObject, String, InventoryEndpoint> ENDPOINTS = new Index<>("endpoints by service");
    /** By workload; entries are services' names in its namespace. */
    public static final Index<ClusterObject, String, InventoryEndpoint> SERVED = new Index<>("endpoints by workload");

    private Inputs() {}
}
