package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian apply}. */
@Command(
        name = "apply",
        description = "Applies manifests of Istio resources as one change: all of it or nothing.",
        footer = {"", "meridian apply --mesh bookinfo -f examples/bookinfo/reviews-90-10.yaml"})
public final class ApplyVerb extends Verb {
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

    public ApplyVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (files.files.isEmpty()) {
            throw CliFailure.usage("what is to be applied? Give -f FILE");
        }
        apply(this, session().mesh(mesh.mesh), files, namespace, write, output);
        return ExitCode.DONE;
    }

    static void apply(
            Verb verb,
            String mesh,
            FileOptions files,
            NamespaceOption namespace,
            WriteOptionsMixin write,
            OutputOptions output) {
        ApplyResourcesRequest request = ApplyResourcesRequest.newBuilder()
                .setParent(Names.mesh(mesh))
                .addAllManifests(files.read(verb.console()))
                .setDefaultNamespace(namespace.namespace)
                .setOptions(write.toProto(verb.session(), mesh))
                .build();
        ApplyResourcesResponse response = write.call(
                verb.session(),
                channel -> ResourceServiceGrpc.newBlockingStub(channel).applyResources(request));
        new ResultPrinter(verb.console(), output, write).print(response);
    }
}
