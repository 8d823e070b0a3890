package io.meridian.cli.verb;

import io.meridian.api.admin.v1.GetResourceRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.ListResourcesResponse;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian get}. */
@Command(
        name = "get",
        description = "Shows Istio resources.",
        footer = {
            "",
            "meridian get virtualservices -A",
            "meridian get vs reviews -o yaml",
            "meridian get all -l app=reviews"
        })
public final class GetVerb extends Verb {
    @Parameters(
            paramLabel = "KIND [NAME...] | KIND/NAME...",
            arity = "1..*",
            description = "Kinds by any name that kubectl takes (vs, virtualservices, VirtualService), or all.")
    List<String> objects = List.of();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Of every namespace.")
    boolean allNamespaces;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Kubernetes' form: app=reviews,version!=v1.")
    String selector = "";

    @Option(
            names = "--min-position",
            paramLabel = "POSITION",
            description = "Wait until the region holds this position.")
    @Nullable
    String minPosition;

    @Mixin
    NamespaceOption namespace = new NamespaceOption();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public GetVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        String meshName = session().mesh(mesh.mesh);
        Position min = minPosition == null
                ? Position.getDefaultInstance()
                : new Resolver(session(), meshName).position("--min-position", minPosition);
        List<ResourceKey> keys = ObjectArguments.keys(objects, namespace.namespace);
        ResourcePrinter printer = new ResourcePrinter(this, output, allNamespaces);
        if (keys.isEmpty()) {
            list(meshName, min, printer);
            return ExitCode.DONE;
        }
        if (allNamespaces || !selector.isEmpty()) {
            throw CliFailure.usage("a NAME goes with neither -A nor -l");
        }
        List<Resource> resources = new ArrayList<>();
        for (ResourceKey key : keys) {
            GetResourceRequest.Builder request = GetResourceRequest.newBuilder()
                    .setParent(Names.mesh(meshName))
                    .setKey(key);
            if (minPosition != null) {
                request.setMinPosition(min);
            }
            resources.add(session()
                    .servers()
                    .call(channel ->
                            ResourceServiceGrpc.newBlockingStub(channel).getResource(request.build())));
        }
        printer.print(resources, keys.size() == 1 ? ResourceTree.of(resources.getFirst()) : items(resources));
        return ExitCode.DONE;
    }

    private void list(String meshName, Position min, ResourcePrinter printer) {
        String kind = objects.getFirst();
        ListResourcesRequest.Builder request = ListResourcesRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setKind(kind.equals("all") ? "" : kind)
                .setNamespace(allNamespaces ? "" : namespace.namespace)
                .setLabelSelector(selector)
                .setPageSize(Pages.SIZE);
        if (minPosition != null) {
            request.setMinPosition(min);
        }
        List<Resource> resources = Pages.all(
                token -> session()
                        .servers()
                        .call(channel -> ResourceServiceGrpc.newBlockingStub(channel)
                                .listResources(request.setPageToken(token).build())),
                ListResourcesResponse::getResourcesList,
                ListResourcesResponse::getNextPageToken);
        printer.print(resources, items(resources));
        if (resources.isEmpty() && !output.isTree()) {
            console()
                    .err()
                    .println(
                            allNamespaces
                                    ? "No resources found."
                                    : "No resources found in namespace " + namespace.namespace + ".");
        }
    }

    private static Map<String, @Nullable Object> items(List<Resource> resources) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("items", resources.stream().map(ResourceTree::of).toList());
        return tree;
    }
}
