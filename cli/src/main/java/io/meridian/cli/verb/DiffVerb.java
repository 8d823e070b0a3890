package io.meridian.cli.verb;

import io.meridian.api.admin.v1.At;
import io.meridian.api.admin.v1.DiffRequest;
import io.meridian.api.admin.v1.DiffResponse;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ObjectDiff;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.UnifiedDiff;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian diff}. */
@Command(
        name = "diff",
        description = "What differs between two positions or times; exit code 1 if anything does.",
        footer = {"", "meridian diff --mesh bookinfo --at 12 --at 15", "meridian diff --mesh bookinfo --at 1h"})
public final class DiffVerb extends Verb {
    @Option(
            names = "--at",
            required = true,
            paramLabel = "POSITION|TIME|AGO",
            description = "Twice: from and to. Once: from there to the head.")
    List<String> at = List.of();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public DiffVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (at.size() > 2) {
            throw CliFailure.usage("--at: twice at most, from and to");
        }
        String meshName = session().mesh(mesh.mesh);
        Resolver resolver = new Resolver(session(), meshName);
        DiffRequest request = DiffRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setFrom(resolver.at("--at", at.getFirst()))
                .setTo(at.size() == 2 ? resolver.at("--at", at.get(1)) : At.getDefaultInstance())
                .build();
        DiffResponse response = session()
                .servers()
                .call(channel -> HistoryServiceGrpc.newBlockingStub(channel).diff(request));
        if (output.isTree()) {
            console().print(output.tree(ProtoTree.of(response)));
        } else if (output.isName()) {
            console()
                    .print(OutputOptions.lines(response.getObjectsList().stream()
                            .map(ObjectDiff::getObject)
                            .toList()));
        } else {
            console().print(UnifiedDiff.text(response.getUnified(), console().colors()));
        }
        return response.getObjectsCount() == 0 ? ExitCode.DONE : ExitCode.DIFFERS_OR_NOT_YET;
    }
}
