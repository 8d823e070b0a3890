package io.meridian.cli.verb;

import io.grpc.Channel;
import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What {@code branches reapply} and {@code discard} have in common. */
final class BranchArguments {
    @Parameters(index = "0", paramLabel = "NAME", description = "The branch: EPOCH-SEQ of its first event.")
    String name = "";

    @Parameters(
            index = "1..*",
            paramLabel = "ENTRY",
            arity = "0..*",
            description = "EPOCH.SEQ or SEQ of a command's last event, as 'branches show' lists it.")
    List<String> entries = List.of();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    WriteOptionsMixin write = new WriteOptionsMixin();

    @Mixin
    OutputOptions output = new OutputOptions();

    /** @param done what happened to entries: "reapplied" */
    int resolve(
            Session session,
            boolean force,
            String done,
            BiFunction<Channel, ResolveBranchRequest, ResolveBranchResponse> rpc) {
        String meshName = session.mesh(mesh.mesh);
        ResolveBranchRequest request = ResolveBranchRequest.newBuilder()
                .setName(Names.branch(meshName, name))
                .addAllEntries(positions(session, meshName))
                .setForce(force)
                .setOptions(write.toProto(session, meshName))
                .build();
        ResolveBranchResponse response = write.call(session, channel -> rpc.apply(channel, request));
        WritePrinter printer = new WritePrinter(session.console(), output, write);
        if (output.isTree()) {
            printer.warnings(response.getWrite().getWarningsList());
            printer.tree(response.getWrite(), Map.of("entries", ProtoTree.list(response.getEntriesList())));
        } else {
            if (!output.isName()) {
                session.console().print(output.table(BranchText.entries(response.getEntriesList(), output.isWide())));
            }
            printer.print(response.getWrite(), "branch/" + name, done, Map.of());
        }
        boolean left = response.getEntriesList().stream()
                .anyMatch(entry -> entry.getResolution() == BranchEntry.Resolution.OPEN);
        return left && !write.dryRun && !entries.isEmpty() ? ExitCode.CONFLICT : ExitCode.DONE;
    }

    private List<Position> positions(Session session, String meshName) {
        List<Position> positions = new ArrayList<>();
        List<BranchEntry> known = new ArrayList<>();
        for (String entry : entries) {
            Positions.Written written = Positions.parse(entry)
                    .orElseThrow(
                            () -> CliFailure.usage("ENTRY: \"" + entry + "\" is not a position (EPOCH.SEQ or SEQ)"));
            Position.Builder position = Position.newBuilder().setMesh(meshName).setSeq(written.seq());
            if (written.epoch().isPresent()) {
                position.setEpoch(written.epoch().getAsLong());
            } else {
                if (known.isEmpty()) {
                    known.addAll(BranchesVerb.get(session, meshName, name).getEntriesList());
                }
                position.setEpoch(epoch(entry, written.seq(), known));
            }
            positions.add(position.build());
        }
        return positions;
    }

    private static long epoch(String entry, long seq, List<BranchEntry> known) {
        return known.stream()
                .map(BranchEntry::getLast)
                .filter(last -> last.getSeq() == seq)
                .findFirst()
                .orElseThrow(() -> new CliFailure(
                        ExitCode.NOT_FOUND,
                        "ENTRY: no command of the branch ends at " + entry + "; 'meridian branches show' lists them"))
                .getEpoch();
    }
}
