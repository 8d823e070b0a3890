package io.meridian.cli.training;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.cli.Meridian;
import io.meridian.cli.session.Console;
import io.meridian.cli.session.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Runs the commands that people use, against a server on loopback that answers anything; see the package's comment. */
public final class Training {
    private static final List<String> COMMANDS = List.of(
            "--help",
            "version",
            "mesh list",
            "mesh list -o json",
            "mesh get trained",
            "mesh create trained -o json",
            "cluster list",
            "cluster add c --type self-managed",
            "namespace list",
            "gateway list",
            "get virtualservices",
            "get vs reviews -o yaml",
            "get all -A -o json",
            "apply -f -",
            "apply -f - -o json --dry-run",
            "delete vs/reviews",
            "rollback --to 1.1",
            "history --limit 5",
            "history -o json --limit 5",
            "show --at 1.1",
            "diff --at 1.1 --at 1.2",
            "wait --position 1.1 -o json",
            "proxies",
            "proxies -o json",
            "regions",
            "failover plan --to us-1",
            "branches list",
            "inventory list -o yaml",
            "context list",
            "frobnicate");

    private Training() {}

    /** No arguments. Fails only where the loopback has no free port. */
    public static void main(String[] args) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .fallbackHandlerRegistry(new EchoServices(List.of(
                        MeshServiceGrpc.getServiceDescriptor(),
                        ClusterServiceGrpc.getServiceDescriptor(),
                        NamespaceServiceGrpc.getServiceDescriptor(),
                        IngressGatewayServiceGrpc.getServiceDescriptor(),
                        ResourceServiceGrpc.getServiceDescriptor(),
                        InventoryServiceGrpc.getServiceDescriptor(),
                        HistoryServiceGrpc.getServiceDescriptor(),
                        ProxyServiceGrpc.getServiceDescriptor(),
                        RegionServiceGrpc.getServiceDescriptor())))
                .build()
                .start();
        try {
            Map<String, String> environment = Map.of(
                    "MERIDIAN_SERVER", "127.0.0.1:" + server.getPort(),
                    "MERIDIAN_MESH", "trained",
                    "MERIDIAN_ACTOR", "training",
                    "XDG_CONFIG_HOME", "/nonexistent");
            for (String command : COMMANDS) {
                run(environment, command);
            }
        } finally {
            server.shutdownNow();
        }
        System.exit(0);
    }

    private static void run(Map<String, String> environment, String command) {
        InputStream manifest =
                new java.io.ByteArrayInputStream("kind: VirtualService\n".getBytes(StandardCharsets.UTF_8));
        Console console =
                new Console(manifest, OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false, false);
        try (Session session = new Session(console, environment, Clock.systemUTC())) {
            Meridian.run(session, command.split(" ", -1));
        }
    }
}
