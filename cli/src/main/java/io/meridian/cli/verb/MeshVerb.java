package io.meridian.cli.verb;

import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeleteMeshRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.UpgradeMeshRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian mesh}. */
@Command(
        name = "mesh",
        description = "Meshes: create, list, get, update, set-durability, set-rollout, upgrade, delete.",
        subcommands = {
            MeshVerb.Create.class,
            MeshVerb.ListAll.class,
            MeshVerb.Get.class,
            MeshVerb.Update.class,
            MeshSetDurabilityVerb.class,
            MeshSetRolloutVerb.class,
            MeshVerb.Upgrade.class,
            MeshVerb.Delete.class
        })
public final class MeshVerb extends Group {
    public MeshVerb(Session session) {
        super(session);
    }

    /** {@code mesh create}. */
    @Command(name = "create", description = "Creates a mesh.")
    static final class Create extends Verb {
        @Parameters(paramLabel = "NAME", description = "A DNS label of up to 63 characters.")
        String name = "";

        @Option(
                names = "--istio-version",
                paramLabel = "VERSION",
                description = "The Istio minor version whose behaviour it reproduces, for example 1.27.")
        String version = "";

        @Option(
                names = "--home",
                paramLabel = "REGION",
                description = "The region that is to accept its commands; the one that is asked if not given.")
        String home = "";

        @Mixin
        MeshSpecOptions spec = new MeshSpecOptions();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Create(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            MeshSpec.Builder meshSpec = MeshSpec.newBuilder().setVersion(version);
            spec.into(meshSpec);
            CreateMeshRequest request = CreateMeshRequest.newBuilder()
                    .setMeshId(name)
                    .setSpec(meshSpec)
                    .setHomeRegion(home)
                    .setOptions(write.toProto(session(), name))
                    .build();
            MeshWriteResponse response = write.call(
                    session(),
                    channel -> MeshServiceGrpc.newBlockingStub(channel).createMesh(request));
            printWrite(this, output, write, response, name, "created");
            return ExitCode.DONE;
        }
    }

    /** {@code mesh list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the meshes.")
    static final class ListAll extends Verb {
        @Option(names = "--show-deleted", description = "Also those that were deleted; their history can be read.")
        boolean showDeleted;

        @Mixin
        OutputOptions output = new OutputOptions();

        ListAll(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            List<Mesh> meshes = Pages.all(
                    token -> session()
                            .servers()
                            .call(channel -> MeshServiceGrpc.newBlockingStub(channel)
                                    .listMeshes(ListMeshesRequest.newBuilder()
                                            .setPageSize(Pages.SIZE)
                                            .setPageToken(token)
                                            .setShowDeleted(showDeleted)
                                            .build())),
                    ListMeshesResponse::getMeshesList,
                    ListMeshesResponse::getNextPageToken);
            if (output.isTree()) {
                console().print(output.tree(Map.of("meshes", ProtoTree.list(meshes))));
            } else {
                printTable(this, output, meshes);
            }
            return ExitCode.DONE;
        }
    }

    /** {@code mesh get}. */
    @Command(name = "get", aliases = "show", description = "Shows a mesh.")
    static final class Get extends Verb {
        @Parameters(paramLabel = "NAME", arity = "0..1", description = "The mesh; else as for --mesh elsewhere.")
        @Nullable
        String name;

        @Mixin
        OutputOptions output = new OutputOptions();

        Get(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            GetMeshRequest request = GetMeshRequest.newBuilder()
                    .setName(Names.mesh(session().mesh(name)))
                    .build();
            Mesh mesh = session()
                    .servers()
                    .call(channel -> MeshServiceGrpc.newBlockingStub(channel).getMesh(request));
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(mesh)));
            } else {
                printTable(this, output, List.of(mesh));
                if (mesh.getSpec().getRollout().getCanaryPercent() > 0) {
                    halts(mesh.getName()).forEach(console()::warning);
                }
            }
            return ExitCode.DONE;
        }

        /** Which roll-outs are halted, as the gateways in all regions say. */
        private List<String> halts(String meshName) {
            ListProxiesRequest request =
                    ListProxiesRequest.newBuilder().setParent(meshName).build();
            return ProxyTable.halts(session()
                    .servers()
                    .call(channel -> ProxyServiceGrpc.newBlockingStub(channel).listProxies(request))
                    .getProxiesList());
        }
    }

    /** {@code mesh update}. */
    @Command(name = "update", description = "Changes the settings that are given, and no others.")
    static final class Update extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshSpecOptions spec = new MeshSpecOptions();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Update(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            MeshSpec.Builder meshSpec = MeshSpec.newBuilder();
            List<String> mask = spec.into(meshSpec);
            if (mask.isEmpty()) {
                throw CliFailure.usage("nothing to update: give at least one setting");
            }
            UpdateMeshRequest request = UpdateMeshRequest.newBuilder()
                    .setName(Names.mesh(name))
                    .setSpec(meshSpec)
                    .addAllUpdateMask(mask)
                    .setOptions(write.toProto(session(), name))
                    .build();
            MeshWriteResponse response = write.call(
                    session(),
                    channel -> MeshServiceGrpc.newBlockingStub(channel).updateMesh(request));
            printWrite(this, output, write, response, name, "updated");
            return ExitCode.DONE;
        }
    }

    /** {@code mesh upgrade}. */
    @Command(name = "upgrade", description = "Moves a mesh to another Istio version.")
    static final class Upgrade extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Option(
                names = {"--to", "--istio-version"},
                required = true,
                paramLabel = "VERSION",
                description = "For example 1.27.")
        String version = "";

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Upgrade(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            UpgradeMeshRequest request = UpgradeMeshRequest.newBuilder()
                    .setName(Names.mesh(name))
                    .setVersion(version)
                    .setOptions(write.toProto(session(), name))
                    .build();
            MeshWriteResponse response = write.call(
                    session(),
                    channel -> MeshServiceGrpc.newBlockingStub(channel).upgradeMesh(request));
            printWrite(this, output, write, response, name, "upgraded to " + version);
            return ExitCode.DONE;
        }
    }

    /** {@code mesh delete}. */
    @Command(
            name = "delete",
            description = "Deletes a mesh. Refused while it has clusters; its history stays readable.")
    static final class Delete extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Delete(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            DeleteMeshRequest request = DeleteMeshRequest.newBuilder()
                    .setName(Names.mesh(name))
                    .setOptions(write.toProto(session(), name))
                    .build();
            WriteResponse response = write.call(
                    session(),
                    channel -> MeshServiceGrpc.newBlockingStub(channel).deleteMesh(request));
            new WritePrinter(console(), output, write).print(response, "mesh/" + name, "deleted", Map.of());
            return ExitCode.DONE;
        }
    }

    static void printWrite(
            Verb verb,
            OutputOptions output,
            WriteOptionsMixin write,
            MeshWriteResponse response,
            String name,
            String done) {
        Map<String, @Nullable Object> extra = new LinkedHashMap<>();
        if (response.hasMesh()) {
            extra.put("mesh", ProtoTree.of(response.getMesh()));
        }
        new WritePrinter(verb.console(), output, write).print(response.getWrite(), "mesh/" + name, done, extra);
    }

    private static void printTable(Verb verb, OutputOptions output, List<Mesh> meshes) {
        if (output.isName()) {
            verb.console()
                    .print(OutputOptions.lines(meshes.stream()
                            .map(mesh -> "mesh/" + Names.last(mesh.getName()))
                            .toList()));
            return;
        }
        List<String> headers = new ArrayList<>(
                List.of("NAME", "STATE", "VERSION", "HOME", "POSITION", "CLUSTERS", "RESOURCES", "AGE"));
        if (output.isWide()) {
            headers.addAll(
                    List.of("NAMESPACES", "GATEWAYS", "MTLS", "OUTBOUND", "SYNC-REPLICAS", "ROLLOUT", "DISPLAY-NAME"));
        }
        Table table = new Table(headers);
        for (Mesh mesh : meshes) {
            MeshSpec spec = mesh.getSpec();
            List<String> row = new ArrayList<>(List.of(
                    Names.last(mesh.getName()),
                    Words.of(mesh.getState(), ""),
                    spec.getVersion(),
                    mesh.getHomeRegion(),
                    Positions.cell(mesh.getPosition()),
                    Integer.toString(mesh.getClusters()),
                    Integer.toString(mesh.getResources()),
                    Times.age(mesh.getCreateTime(), verb.session().now())));
            if (output.isWide()) {
                row.addAll(List.of(
                        Integer.toString(mesh.getNamespaces()),
                        Integer.toString(mesh.getIngressGateways()),
                        Words.of(spec.getMtlsMode(), "MTLS_"),
                        Words.of(spec.getOutboundTrafficPolicy(), ""),
                        Integer.toString(spec.getDurability().getSyncReplicas()),
                        MeshSetRolloutVerb.text(spec.getRollout()),
                        spec.getDisplayName()));
            }
            table.row(row);
        }
        verb.console().print(output.table(table));
        if (table.isEmpty()) {
            verb.console().err().println("No meshes.");
        }
    }
}
