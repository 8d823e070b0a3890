package io.meridian.cli.verb;

import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.DeleteNamespaceRequest;
import io.meridian.api.admin.v1.GetNamespaceRequest;
import io.meridian.api.admin.v1.ListNamespacesRequest;
import io.meridian.api.admin.v1.ListNamespacesResponse;
import io.meridian.api.admin.v1.Namespace;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.NamespaceWriteResponse;
import io.meridian.api.admin.v1.UpdateNamespaceRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian namespace}. */
@Command(
        name = "namespace",
        aliases = "ns",
        description = "Namespaces of a mesh: create, list, get, update, delete.",
        subcommands = {
            NamespaceVerb.Create.class,
            NamespaceVerb.ListAll.class,
            NamespaceVerb.Get.class,
            NamespaceVerb.Update.class,
            NamespaceVerb.Delete.class
        })
public final class NamespaceVerb extends Group {
    public NamespaceVerb(Session session) {
        super(session);
    }

    /** What a namespace carries. */
    static final class SpecOptions {
        @Option(
                names = {"-l", "--label"},
                paramLabel = "KEY=VALUE",
                description = "Repeatable; KEY- removes one.")
        List<String> labels = List.of();

        @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "Repeatable; KEY- removes one.")
        List<String> annotations = List.of();

        NamespaceSpec onto(NamespaceSpec before) {
            return NamespaceSpec.newBuilder()
                    .putAllLabels(Words.labels("--label", labels, before.getLabelsMap()))
                    .putAllAnnotations(Words.labels("--annotation", annotations, before.getAnnotationsMap()))
                    .build();
        }
    }

    /** {@code namespace create}. */
    @Command(name = "create", description = "Creates a namespace.")
    static final class Create extends Verb {
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

        Create(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            CreateNamespaceRequest request = CreateNamespaceRequest.newBuilder()
                    .setParent(Names.mesh(meshName))
                    .setNamespaceId(name)
                    .setSpec(spec.onto(NamespaceSpec.getDefaultInstance()))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            NamespaceWriteResponse response = write.call(
                    session(),
                    channel -> NamespaceServiceGrpc.newBlockingStub(channel).createNamespace(request));
            printWrite(this, output, write, response, name, "created");
            return ExitCode.DONE;
        }
    }

    /** {@code namespace list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the namespaces of a mesh.")
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
            List<Namespace> namespaces = Pages.all(
                    token -> session()
                            .servers()
                            .call(channel -> NamespaceServiceGrpc.newBlockingStub(channel)
                                    .listNamespaces(ListNamespacesRequest.newBuilder()
                                            .setParent(parent)
                                            .setPageSize(Pages.SIZE)
                                            .setPageToken(token)
                                            .build())),
                    ListNamespacesResponse::getNamespacesList,
                    ListNamespacesResponse::getNextPageToken);
            if (output.isTree()) {
                console().print(output.tree(Map.of("namespaces", ProtoTree.list(namespaces))));
            } else {
                printTable(this, output, namespaces);
            }
            return ExitCode.DONE;
        }
    }

    /** {@code namespace get}. */
    @Command(name = "get", description = "Shows a namespace.")
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
            GetNamespaceRequest request = GetNamespaceRequest.newBuilder()
                    .setName(Names.namespace(session().mesh(mesh.mesh), name))
                    .build();
            Namespace namespace = session()
                    .servers()
                    .call(channel ->
                            NamespaceServiceGrpc.newBlockingStub(channel).getNamespace(request));
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(namespace)));
            } else {
                printTable(this, output, List.of(namespace));
            }
            return ExitCode.DONE;
        }
    }

    /** {@code namespace update}. */
    @Command(name = "update", description = "Changes what is given of a namespace, and nothing else.")
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
            String resource = Names.namespace(meshName, name);
            NamespaceWriteResponse response = ReadModifyWrite.run(session(), meshName, write, (head, options) -> {
                Namespace before = session()
                        .servers()
                        .call(channel -> NamespaceServiceGrpc.newBlockingStub(channel)
                                .getNamespace(GetNamespaceRequest.newBuilder()
                                        .setName(resource)
                                        .setMinPosition(head)
                                        .build()));
                UpdateNamespaceRequest request = UpdateNamespaceRequest.newBuilder()
                        .setName(resource)
                        .setSpec(spec.onto(before.getSpec()))
                        .setOptions(options)
                        .build();
                return write.call(
                        session(),
                        channel -> NamespaceServiceGrpc.newBlockingStub(channel).updateNamespace(request));
            });
            printWrite(this, output, write, response, name, "updated");
            return ExitCode.DONE;
        }
    }

    /** {@code namespace delete}. */
    @Command(name = "delete", aliases = "rm", description = "Deletes a namespace and its resources with it.")
    static final class Delete extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Delete(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            DeleteNamespaceRequest request = DeleteNamespaceRequest.newBuilder()
                    .setName(Names.namespace(meshName, name))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            WriteResponse response = write.call(
                    session(),
                    channel -> NamespaceServiceGrpc.newBlockingStub(channel).deleteNamespace(request));
            new WritePrinter(console(), output, write).print(response, "namespace/" + name, "deleted", Map.of());
            return ExitCode.DONE;
        }
    }

    private static void printWrite(
            Verb verb,
            OutputOptions output,
            WriteOptionsMixin write,
            NamespaceWriteResponse response,
            String name,
            String done) {
        new WritePrinter(verb.console(), output, write)
                .print(
                        response.getWrite(),
                        "namespace/" + name,
                        done,
                        Map.of("namespace", ProtoTree.of(response.getNamespace())));
    }

    private static void printTable(Verb verb, OutputOptions output, List<Namespace> namespaces) {
        if (output.isName()) {
            verb.console()
                    .print(OutputOptions.lines(namespaces.stream()
                            .map(namespace -> "namespace/" + Names.last(namespace.getName()))
                            .toList()));
            return;
        }
        List<String> headers = new ArrayList<>(List.of("NAME", "LABELS", "AGE"));
        if (output.isWide()) {
            headers.addAll(List.of("MODIFIED", "ANNOTATIONS"));
        }
        Table table = new Table(headers);
        for (Namespace namespace : namespaces) {
            NamespaceSpec spec = namespace.getSpec();
            List<String> row = new ArrayList<>(List.of(
                    Names.last(namespace.getName()),
                    Words.text(spec.getLabelsMap()),
                    Times.age(namespace.getCreateTime(), verb.session().now())));
            if (output.isWide()) {
                row.addAll(List.of(Positions.cell(namespace.getModified()), Words.text(spec.getAnnotationsMap())));
            }
            table.row(row);
        }
        verb.console().print(output.table(table));
        if (table.isEmpty()) {
            verb.console().err().println("No namespaces.");
        }
    }
}
