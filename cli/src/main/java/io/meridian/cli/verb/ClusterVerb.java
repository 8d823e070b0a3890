package io.meridian.cli.verb;

import io.meridian.api.admin.v1.AddClusterRequest;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.ClusterServiceGrpc;
import io.meridian.api.admin.v1.ClusterWriteResponse;
import io.meridian.api.admin.v1.GetClusterRequest;
import io.meridian.api.admin.v1.ListClustersRequest;
import io.meridian.api.admin.v1.ListClustersResponse;
import io.meridian.api.admin.v1.RemoveClusterRequest;
import io.meridian.api.admin.v1.UpdateClusterRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian cluster}. */
@Command(
        name = "cluster",
        description = "Clusters of a mesh: add, list, get, update, remove.",
        subcommands = {
            ClusterVerb.Add.class,
            ClusterVerb.ListAll.class,
            ClusterVerb.Get.class,
            ClusterVerb.Update.class,
            ClusterVerb.Remove.class
        })
public final class ClusterVerb extends Group {
    public ClusterVerb(Session session) {
        super(session);
    }

    /** What a cluster is. */
    static final class SpecOptions {
        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description =
                        "kubernetes-managed, kubernetes-dedicated, kubernetes-serverless, virtual-machines or self-managed.")
        @Nullable
        String type;

        @Option(
                names = "--network",
                paramLabel = "NAME",
                description = "Clusters of one network reach each other directly.")
        @Nullable
        String network;

        @Option(names = "--region", paramLabel = "REGION", description = "Where it is, for locality.")
        @Nullable
        String region;

        @Option(names = "--zone", paramLabel = "ZONE")
        @Nullable
        String zone;

        @Option(
                names = {"-l", "--label"},
                paramLabel = "KEY=VALUE",
                description = "Repeatable; KEY- removes one.")
        List<String> labels = List.of();

        ClusterSpec onto(ClusterSpec before) {
            ClusterSpec.Builder spec = before.toBuilder();
            if (type != null) {
                spec.setType(Words.parse("--type", type, ClusterSpec.Type.values(), ""));
            }
            if (network != null) {
                spec.setNetwork(network);
            }
            if (region != null) {
                spec.setRegion(region);
            }
            if (zone != null) {
                spec.setZone(zone);
            }
            return spec.clearLabels()
                    .putAllLabels(Words.labels("--label", labels, before.getLabelsMap()))
                    .build();
        }
    }

    /** {@code cluster add}. */
    @Command(name = "add", description = "Adds a cluster to a mesh.")
    static final class Add extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        SpecOptions spec = new SpecOptions();

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Add(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            AddClusterRequest request = AddClusterRequest.newBuilder()
                    .setParent(Names.mesh(meshName))
                    .setClusterId(name)
                    .setSpec(spec.onto(ClusterSpec.getDefaultInstance()))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            ClusterWriteResponse response = write.call(
                    session(),
                    channel -> ClusterServiceGrpc.newBlockingStub(channel).addCluster(request));
            printWrite(this, output, write, response, name, "added");
            return ExitCode.DONE;
        }
    }

    /** {@code cluster list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the clusters of a mesh.")
    static final class ListAll extends Verb {
        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        ListAll(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String parent = Names.mesh(session().mesh(mesh.mesh));
            List<Cluster> clusters = Pages.all(
                    token -> session()
                            .servers()
                            .call(channel -> ClusterServiceGrpc.newBlockingStub(channel)
                                    .listClusters(ListClustersRequest.newBuilder()
                                            .setParent(parent)
                                            .setPageSize(Pages.SIZE)
                                            .setPageToken(token)
                                            .build())),
                    ListClustersResponse::getClustersList,
                    ListClustersResponse::getNextPageToken);
            if (output.isTree()) {
                console().print(output.tree(Map.of("clusters", ProtoTree.list(clusters))));
            } else {
                printTable(this, output, clusters);
            }
            return ExitCode.DONE;
        }
    }

    /** {@code cluster get}. */
    @Command(name = "get", description = "Shows a cluster.")
    static final class Get extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Get(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            GetClusterRequest request = GetClusterRequest.newBuilder()
                    .setName(Names.cluster(session().mesh(mesh.mesh), name))
                    .build();
            Cluster cluster = session()
                    .servers()
                    .call(channel -> ClusterServiceGrpc.newBlockingStub(channel).getCluster(request));
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(cluster)));
            } else {
                printTable(this, output, List.of(cluster));
            }
            return ExitCode.DONE;
        }
    }

    /** {@code cluster update}. */
    @Command(name = "update", description = "Changes what is given of a cluster, and nothing else.")
    static final class Update extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        SpecOptions spec = new SpecOptions();

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Update(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            String resource = Names.cluster(meshName, name);
            ClusterWriteResponse response = ReadModifyWrite.run(session(), meshName, write, (head, options) -> {
                Cluster before = session()
                        .servers()
                        .call(channel -> ClusterServiceGrpc.newBlockingStub(channel)
                                .getCluster(GetClusterRequest.newBuilder()
                                        .setName(resource)
                                        .setMinPosition(head)
                                        .build()));
                UpdateClusterRequest request = UpdateClusterRequest.newBuilder()
                        .setName(resource)
                        .setSpec(spec.onto(before.getSpec()))
                        .setOptions(options)
                        .build();
                return write.call(
                        session(),
                        channel -> ClusterServiceGrpc.newBlockingStub(channel).updateCluster(request));
            });
            printWrite(this, output, write, response, name, "updated");
            return ExitCode.DONE;
        }
    }

    /** {@code cluster remove}. */
    @Command(
            name = "remove",
            aliases = {"rm", "delete"},
            description = "Removes a cluster, uninstalls its ingress gateways, and forgets its inventory.")
    static final class Remove extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Remove(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            RemoveClusterRequest request = RemoveClusterRequest.newBuilder()
                    .setName(Names.cluster(meshName, name))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            WriteResponse response = write.call(
                    session(),
                    channel -> ClusterServiceGrpc.newBlockingStub(channel).removeCluster(request));
            new WritePrinter(console(), output, write).print(response, "cluster/" + name, "removed", Map.of());
            return ExitCode.DONE;
        }
    }

    private static void printWrite(
            Verb verb,
            OutputOptions output,
            WriteOptionsMixin write,
            ClusterWriteResponse response,
            String name,
            String done) {
        new WritePrinter(verb.console(), output, write)
                .print(
                        response.getWrite(),
                        "cluster/" + name,
                        done,
                        Map.of("cluster", ProtoTree.of(response.getCluster())));
    }

    private static void printTable(Verb verb, OutputOptions output, List<Cluster> clusters) {
        if (output.isName()) {
            verb.console()
                    .print(OutputOptions.lines(clusters.stream()
                            .map(cluster -> "cluster/" + Names.last(cluster.getName()))
                            .toList()));
            return;
        }
        List<String> headers =
                new ArrayList<>(List.of("NAME", "TYPE", "NETWORK", "REGION", "ZONE", "SERVICES", "WORKLOADS", "AGE"));
        if (output.isWide()) {
            headers.addAll(List.of("MODIFIED", "LABELS"));
        }
        Table table = new Table(headers);
        for (Cluster cluster : clusters) {
            ClusterSpec spec = cluster.getSpec();
            List<String> row = new ArrayList<>(List.of(
                    Names.last(cluster.getName()),
                    Words.of(spec.getType(), ""),
                    spec.getNetwork(),
                    spec.getRegion(),
                    spec.getZone(),
                    Integer.toString(cluster.getServices()),
                    Integer.toString(cluster.getWorkloads()),
                    Times.age(cluster.getCreateTime(), verb.session().now())));
            if (output.isWide()) {
                row.addAll(List.of(Positions.cell(cluster.getModified()), Words.text(spec.getLabelsMap())));
            }
            table.row(row);
        }
        verb.console().print(output.table(table));
        if (table.isEmpty()) {
            verb.console().err().println("No clusters.");
        }
    }
}
