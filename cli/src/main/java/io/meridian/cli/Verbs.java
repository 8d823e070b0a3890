package io.meridian.cli;

import io.meridian.cli.demo.DemoCommand;
import io.meridian.cli.verb.ApplyVerb;
import io.meridian.cli.verb.BranchesVerb;
import io.meridian.cli.verb.ClusterVerb;
import io.meridian.cli.verb.CompletionVerb;
import io.meridian.cli.verb.ContextVerb;
import io.meridian.cli.verb.DeleteVerb;
import io.meridian.cli.verb.DiffVerb;
import io.meridian.cli.verb.FailoverVerb;
import io.meridian.cli.verb.GatewayVerb;
import io.meridian.cli.verb.GetVerb;
import io.meridian.cli.verb.HandoverVerb;
import io.meridian.cli.verb.HistoryVerb;
import io.meridian.cli.verb.InventoryVerb;
import io.meridian.cli.verb.MeshVerb;
import io.meridian.cli.verb.NamespaceVerb;
import io.meridian.cli.verb.ProxiesVerb;
import io.meridian.cli.verb.ProxyConfigVerb;
import io.meridian.cli.verb.RegionsVerb;
import io.meridian.cli.verb.RollbackVerb;
import io.meridian.cli.verb.ShowVerb;
import io.meridian.cli.verb.ValidateVerb;
import io.meridian.cli.verb.VersionVerb;
import io.meridian.cli.verb.WaitVerb;
import java.util.List;
import java.util.Optional;

/** The verbs by name. A class is loaded when its name is looked up, so that a command pays for the verb that it is and for no other. */
final class Verbs {
    /** In the order of the help. To add a verb: its name here, its class in {@link #named}. */
    private static final List<String> NAMES = List.of(
            "demo",
            "mesh",
            "cluster",
            "namespace",
            "gateway",
            "inventory",
            "apply",
            "validate",
            "get",
            "delete",
            "rollback",
            "history",
            "show",
            "diff",
            "wait",
            "proxies",
            "proxy-config",
            "regions",
            "handover",
            "failover",
            "branches",
            "context",
            "completion",
            "version");

    private Verbs() {}

    static List<Class<?>> all() {
        return NAMES.stream().<Class<?>>map(name -> named(name).orElseThrow()).toList();
    }

    /** By name or alias. */
    static Optional<Class<?>> named(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "demo" -> DemoCommand.class;
                    case "mesh" -> MeshVerb.class;
                    case "cluster" -> ClusterVerb.class;
                    case "namespace", "ns" -> NamespaceVerb.class;
                    case "gateway", "ingress-gateway", "igw" -> GatewayVerb.class;
                    case "inventory" -> InventoryVerb.class;
                    case "apply" -> ApplyVerb.class;
                    case "validate" -> ValidateVerb.class;
                    case "get" -> GetVerb.class;
                    case "delete" -> DeleteVerb.class;
                    case "rollback" -> RollbackVerb.class;
                    case "history" -> HistoryVerb.class;
                    case "show" -> ShowVerb.class;
                    case "diff" -> DiffVerb.class;
                    case "wait" -> WaitVerb.class;
                    case "proxies" -> ProxiesVerb.class;
                    case "proxy-config", "pc" -> ProxyConfigVerb.class;
                    case "regions" -> RegionsVerb.class;
                    case "handover" -> HandoverVerb.class;
                    case "failover" -> FailoverVerb.class;
                    case "branches" -> BranchesVerb.class;
                    case "context" -> ContextVerb.class;
                    case "completion" -> CompletionVerb.class;
                    case "version" -> VersionVerb.class;
                    default -> null;
                });
    }
}
