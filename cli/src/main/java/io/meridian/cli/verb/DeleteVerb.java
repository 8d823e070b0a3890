package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian delete}. */
@Command(
        name = "delete",
        description = "Deletes Istio resources, all of those named or none.",
        footer = {
            "",
            "meridian delete virtualservice reviews -n default",
            "meridian delete vs/reviews dr/reviews",
            "meridian delete -f FILE"
        })
public final class DeleteVerb extends Verb {
    @Parameters(paramLabel = "KIND NAME... | KIND/NAME", arity = "0..*", description = "What is to go.")
    List<String> objects = List.of();

    @Option(names = "--ignore-not-found", description = "Not an error if one does not exist.")
    boolean ignoreNotFound;

    @Mixin
    FileOptions files = new FileOptions();

    @Mixin
    NamespaceOption namespace = new NamespaceOption();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    WriteOptionsMixin write = new WriteOptionsMixin();

    @Mixin
    OutputOptions output = new OutputOptions();

    public DeleteVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (objects.isEmpty() == files.files.isEmpty()) {
            throw CliFailure.usage("what is to be deleted? Give either KIND NAME or -f FILE");
        }
        List<ResourceKey> keys = ObjectArguments.keys(objects, namespace.namespace);
        if (keys.isEmpty() && files.files.isEmpty()) {
            throw CliFailure.usage("which one? Give KIND NAME or KIND/NAME");
        }
        String meshName = session().mesh(mesh.mesh);
        DeleteResourcesRequest request = DeleteResourcesRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .addAllKeys(keys)
                .addAllManifests(files.read(console()))
                .setDefaultNamespace(namespace.namespace)
                .setIgnoreNotFound(ignoreNotFound)
                .setOptions(write.toProto(session(), meshName))
                .build();
        ApplyResourcesResponse response = write.call(
                session(),
                channel -> ResourceServiceGrpc.newBlockingStub(channel).deleteResources(request));
        new ResultPrinter(console(), output, write).print(response);
        return ExitCode.DONE;
    }
}
