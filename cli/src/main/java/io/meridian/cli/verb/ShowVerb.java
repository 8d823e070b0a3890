package io.meridian.cli.verb;

import io.meridian.api.admin.v1.GetStateAtRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.StateAt;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Json;
import io.meridian.cli.text.ProtoTree;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian show}. */
@Command(
        name = "show",
        description = "The whole configuration of a mesh at a position or time, exactly.",
        footer = {
            "",
            "meridian show --mesh bookinfo --at 12 -o yaml",
            "meridian show --mesh bookinfo --at 2026-11-24T09:30:00Z"
        })
public final class ShowVerb extends Verb {
    /** A state is a set of documents: a table of it would hide most. */
    enum Format {
        yaml,
        json
    }

    @Option(
            names = "--at",
            paramLabel = "POSITION|TIME|AGO",
            description =
                    "EPOCH.SEQ, SEQ, an RFC 3339 time, how long ago (10m), or head; ${DEFAULT-VALUE} if not given.")
    String at = "head";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} by default.")
    Format format = Format.yaml;

    @Mixin
    MeshOption mesh = new MeshOption();

    public ShowVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        String meshName = session().mesh(mesh.mesh);
        GetStateAtRequest request = GetStateAtRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setAt(new Resolver(session(), meshName).at("--at", at))
                .build();
        StateAt state = session()
                .servers()
                .call(channel -> HistoryServiceGrpc.newBlockingStub(channel).getStateAt(request));
        if (format == Format.yaml) {
            String yaml =
                    state.getYaml().isBlank() ? "# nothing: the mesh was deleted, or not made yet\n" : state.getYaml();
            console().print(yaml.endsWith("\n") ? yaml : yaml + "\n");
        } else {
            Map<String, @Nullable Object> tree = ProtoTree.of(state);
            tree.remove("yaml");
            console().print(Json.pretty(tree));
        }
        return ExitCode.DONE;
    }
}
