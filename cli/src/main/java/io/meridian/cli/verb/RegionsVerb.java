package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListRegionsResponse;
import io.meridian.api.admin.v1.Region;
import io.meridian.api.admin.v1.Region.MeshInRegion;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian regions}. */
@Command(
        name = "regions",
        description = {
            "The regions, whether they answer, and how far each is with the meshes.",
            "join, leave and replace change which regions hold a mesh's log and vote on its home."
        },
        subcommands = {MembersVerbs.Join.class, MembersVerbs.Leave.class, MembersVerbs.Replace.class})
public final class RegionsVerb extends Verb {
    @Option(
            names = {"-m", "--mesh"},
            paramLabel = "MESH",
            description = "Only this mesh; all if not given.")
    @Nullable
    String mesh;

    @Mixin
    OutputOptions output = new OutputOptions();

    public RegionsVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        ListRegionsRequest request = ListRegionsRequest.newBuilder()
                .setMesh(mesh == null ? "" : Names.mesh(mesh))
                .build();
        ListRegionsResponse response = session()
                .servers()
                .call(channel -> RegionServiceGrpc.newBlockingStub(channel).listRegions(request));
        if (output.isTree()) {
            console().print(output.tree(ProtoTree.of(response)));
        } else if (output.isName()) {
            console()
                    .print(OutputOptions.lines(response.getRegionsList().stream()
                            .map(region -> "region/" + region.getName())
                            .toList()));
        } else {
            console().print(output.table(table(response.getRegionsList())));
        }
        return ExitCode.DONE;
    }

    /** A row for each mesh of each region; a region without one has a row of its own. */
    private Table table(List<Region> regions) {
        List<String> headers = new ArrayList<>(List.of(
                "REGION",
                "REACHABLE",
                "SILENT",
                "MESH",
                "ROLE",
                "PHASE",
                "HEAD",
                "LAG",
                "PROGRESS",
                "DURABILITY",
                "BRANCHES"));
        if (output.isWide()) {
            headers.addAll(List.of("PROMISED", "INDEX", "LOCAL", "ADMIN", "XDS", "EVENTS"));
        }
        Table table = new Table(headers);
        for (Region region : regions) {
            List<MeshInRegion> meshes =
                    region.getMeshesCount() == 0 ? List.of(MeshInRegion.getDefaultInstance()) : region.getMeshesList();
            for (MeshInRegion member : meshes) {
                List<String> row = new ArrayList<>(List.of(
                        region.getName(),
                        region.getReachable() ? "yes" : "NO",
                        region.getLocal() ? "" : Durations.brief(Durations.of(region.getSilentFor())),
                        Names.last(member.getMesh()),
                        member.getRole(),
                        member.getPhase(),
                        Positions.cell(member.getHead()),
                        lag(member),
                        progress(member),
                        member.getDurability(),
                        member.getOpenBranches() == 0 ? "" : member.getOpenBranches() + " open"));
                if (output.isWide()) {
                    row.addAll(List.of(
                            member.getPromisedEpoch() == 0 ? "" : Long.toString(member.getPromisedEpoch()),
                            Integer.toString(region.getIndex()),
                            region.getLocal() ? "yes" : "",
                            region.getAdminAddress(),
                            region.getXdsAddress(),
                            region.getTransport()));
                }
                table.row(row);
            }
        }
        return table;
    }

    /** How long ago the region last proved that it holds the home's head or came closer. */
    private static String progress(MeshInRegion member) {
        return member.hasSinceProgress() ? Durations.brief(Durations.of(member.getSinceProgress())) : "";
    }

    /** "0", "12 events, 1.5s", "unknown". */
    private static String lag(MeshInRegion member) {
        if (member.getMesh().isEmpty()) {
            return "";
        }
        if (member.getLagEvents() < 0) {
            return "unknown";
        }
        if (member.getLagEvents() == 0) {
            return "0";
        }
        return member.getLagEvents() + " events, " + Durations.brief(Durations.of(member.getLag()));
    }
}
