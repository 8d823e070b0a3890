package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ApplyInventoryRequest;
import io.meridian.api.admin.v1.ApplyInventoryResponse;
import io.meridian.api.admin.v1.ClusterInventory;
import io.meridian.api.admin.v1.InventoryServiceGrpc;
import io.meridian.api.admin.v1.ListInventoryRequest;
import io.meridian.api.admin.v1.ListInventoryResponse;
import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.manifest.InventoryFile;
import io.meridian.cli.manifest.ManifestFiles;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian inventory}. */
@Command(
        name = "inventory",
        description = "What clusters run (services, workloads, endpoints): apply, list, delete.",
        subcommands = {InventoryVerb.Apply.class, InventoryVerb.ListAll.class, InventoryVerb.Delete.class})
public final class InventoryVerb extends Group {
    public InventoryVerb(Session session) {
        super(session);
    }

    /** {@code inventory apply}. */
    @Command(
            name = "apply",
            description = "Reports what a cluster runs. The newest report wins; it is not part of the history.")
    static final class Apply extends Verb {
        @Option(names = "--cluster", required = true, paramLabel = "NAME")
        String cluster = "";

        @Option(
                names = {"-f", "--filename"},
                required = true,
                paramLabel = "FILE",
                description = "YAML or JSON with inventory objects; a folder; - for the standard input. Repeatable.")
        List<String> files = List.of();

        @Option(names = "--replace-all", description = "Forget whatever of this cluster is not in the files.")
        boolean replaceAll;

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Apply(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            ApplyInventoryRequest.Builder request = ApplyInventoryRequest.newBuilder()
                    .setParent(Names.cluster(session().mesh(mesh.mesh), cluster))
                    .setReplaceAll(replaceAll);
            new ManifestFiles(console().in(), false)
                    .read(files)
                    .forEach(manifest -> request.addAllUpserts(InventoryFile.read(manifest)));
            printChanged(this, output, cluster, request.build());
            return ExitCode.DONE;
        }
    }

    /** {@code inventory list}. */
    @Command(name = "list", aliases = "ls", description = "Lists what the clusters of a mesh run.")
    static final class ListAll extends Verb {
        @Option(names = "--cluster", paramLabel = "NAME", description = "Only this cluster.")
        @Nullable
        String cluster;

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        ListAll(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            ListInventoryRequest request = ListInventoryRequest.newBuilder()
                    .setParent(cluster == null ? Names.mesh(meshName) : Names.cluster(meshName, cluster))
                    .build();
            ListInventoryResponse response = session()
                    .servers()
                    .call(channel ->
                            InventoryServiceGrpc.newBlockingStub(channel).listInventory(request));
            if (output.isTree()) {
                console()
                        .print(output.tree(
                                cluster != null && response.getClustersCount() == 1
                                        ? ProtoTree.of(response.getClusters(0))
                                        : ProtoTree.of(response)));
                return ExitCode.DONE;
            }
            Table table = new Table("CLUSTER", "KIND", "NAMESPACE", "NAME", "DETAILS");
            List<String> names = new ArrayList<>();
            for (ClusterInventory inventory : response.getClustersList()) {
                for (InventoryObject object : inventory.getObjectsList()) {
                    List<String> row = row(inventory.getCluster(), object);
                    table.row(row);
                    names.add(row.get(1) + "/" + row.get(2) + "/" + row.get(3));
                }
            }
            console().print(output.isName() ? OutputOptions.lines(names) : output.table(table));
            if (table.isEmpty()) {
                console().err().println("No inventory.");
            }
            return ExitCode.DONE;
        }

        private static List<String> row(String cluster, InventoryObject object) {
            return switch (object.getObjectCase()) {
                case SERVICE -> {
                    InventoryService service = object.getService();
                    String ports = service.getPortsList().stream()
                            .map(port -> port.getName() + ":" + port.getPort())
                            .collect(Collectors.joining(","));
                    yield List.of(cluster, "service", service.getNamespace(), service.getName(), ports);
                }
                case WORKLOAD -> {
                    InventoryWorkload workload = object.getWorkload();
                    String details = String.join(",", workload.getAddressesList()) + " "
                            + Words.of(workload.getState(), "") + " " + Words.text(workload.getLabelsMap());
                    yield List.of(cluster, "workload", workload.getNamespace(), workload.getName(), details);
                }
                case ENDPOINT -> {
                    InventoryEndpoint endpoint = object.getEndpoint();
                    String ports = endpoint.getPortsMap().entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(port -> port.getKey() + ":" + port.getValue())
                            .collect(Collectors.joining(","));
                    String name = endpoint.getService() + "/" + endpoint.getWorkload();
                    yield List.of(cluster, "endpoint", endpoint.getNamespace(), name, ports);
                }
                case OBJECT_NOT_SET -> List.of(cluster, "", "", "", "");
            };
        }
    }

    /** {@code inventory delete}. */
    @Command(name = "delete", description = "Takes back what was reported of a cluster.")
    static final class Delete extends Verb {
        @Option(names = "--cluster", required = true, paramLabel = "NAME")
        String cluster = "";

        @Parameters(
                paramLabel = "KIND/NAMESPACE/NAME",
                arity = "1..*",
                description = "service/NS/NAME, workload/NS/NAME or endpoint/NS/SERVICE/WORKLOAD.")
        List<String> objects = List.of();

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Delete(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            ApplyInventoryRequest request = ApplyInventoryRequest.newBuilder()
                    .setParent(Names.cluster(session().mesh(mesh.mesh), cluster))
                    .addAllDeletes(objects.stream().map(Delete::key).toList())
                    .build();
            printChanged(this, output, cluster, request);
            return ExitCode.DONE;
        }

        private static InventoryKey key(String text) {
            List<String> parts = List.of(text.split("/", 3));
            if (parts.size() < 3) {
                throw CliFailure.usage("\"" + text + "\" is not KIND/NAMESPACE/NAME");
            }
            return InventoryKey.newBuilder()
                    .setKind(Words.parse("KIND", parts.get(0), InventoryKey.Kind.values(), ""))
                    .setNamespace(parts.get(1))
                    .setName(parts.get(2))
                    .build();
        }
    }

    private static void printChanged(Verb verb, OutputOptions output, String cluster, ApplyInventoryRequest request) {
        ApplyInventoryResponse response = verb.session()
                .servers()
                .call(channel -> InventoryServiceGrpc.newBlockingStub(channel).applyInventory(request));
        if (output.isTree()) {
            verb.console().print(output.tree(ProtoTree.of(response)));
        } else if (output.isName()) {
            verb.console().line("cluster/" + cluster);
        } else {
            verb.console().line("inventory of cluster/" + cluster + ": " + response.getChanged() + " changed");
        }
    }
}
