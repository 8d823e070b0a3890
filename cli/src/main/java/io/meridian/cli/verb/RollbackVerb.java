package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.RollbackRequest;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian rollback}. */
@Command(
        name = "rollback",
        description = "Restores the resources of an earlier position by a new change; nothing is erased.",
        footer = {
            "",
            "meridian rollback --to 12",
            "meridian rollback --to 12 -n default",
            "meridian rollback --to 12 vs/reviews"
        })
public final class RollbackVerb extends Verb {
    @Option(names = "--to", required = true, paramLabel = "POSITION", description = "EPOCH.SEQ or SEQ.")
    String to = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Only this namespace; for KIND/NAME its namespace, default if not given.")
    @Nullable
    String namespace;

    @Parameters(paramLabel = "KIND/NAME", arity = "0..2", description = "Only this object; KIND NAME is taken too.")
    List<String> object = List.of();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    WriteOptionsMixin write = new WriteOptionsMixin();

    @Mixin
    OutputOptions output = new OutputOptions();

    public RollbackVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        List<ResourceKey> keys = ObjectArguments.keys(object, namespace != null ? namespace : "default");
        if (keys.size() != (object.isEmpty() ? 0 : 1)) {
            throw CliFailure.usage("which one? Give one KIND/NAME, or none for all");
        }
        String meshName = session().mesh(mesh.mesh);
        RollbackRequest.Builder request = RollbackRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setTo(new Resolver(session(), meshName).position("--to", to))
                .setOptions(write.toProto(session(), meshName));
        if (!keys.isEmpty()) {
            request.setKey(keys.getFirst());
        } else if (namespace != null) {
            request.setNamespace(namespace);
        }
        ApplyResourcesResponse response = write.call(
                session(),
                channel -> ResourceServiceGrpc.newBlockingStub(channel).rollback(request.build()));
        new ResultPrinter(console(), output, write).print(response);
        return ExitCode.DONE;
    }
}
