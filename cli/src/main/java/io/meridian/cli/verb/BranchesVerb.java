package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code meridian branches}. */
@Command(
        name = "branches",
        description = "What forced failovers left behind: list, show, reapply, discard. It stays readable for ever.",
        subcommands = {
            BranchesVerb.ListAll.class,
            BranchesVerb.Show.class,
            BranchReapplyVerb.class,
            BranchDiscardVerb.class
        })
public final class BranchesVerb extends Group {
    public BranchesVerb(Session session) {
        super(session);
    }

    /** Of one branch. */
    static Branch get(Session session, String mesh, String branch) {
        GetBranchRequest request = GetBranchRequest.newBuilder()
                .setName(Names.branch(mesh, branch))
                .build();
        return session.servers()
                .call(channel -> RegionServiceGrpc.newBlockingStub(channel).getBranch(request));
    }

    /** {@code branches list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the divergent branches of a mesh.")
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
            ListBranchesRequest request = ListBranchesRequest.newBuilder()
                    .setParent(Names.mesh(session().mesh(mesh.mesh)))
                    .build();
            List<Branch> branches = session()
                    .servers()
                    .call(channel -> RegionServiceGrpc.newBlockingStub(channel).listBranches(request))
                    .getBranchesList();
            if (output.isTree()) {
                console().print(output.tree(Map.of("branches", ProtoTree.list(branches))));
            } else if (output.isName()) {
                console()
                        .print(OutputOptions.lines(branches.stream()
                                .map(branch -> "branch/" + Names.last(branch.getName()))
                                .toList()));
            } else {
                console().print(output.table(BranchText.branches(branches)));
                if (branches.isEmpty()) {
                    console().err().println("No branches.");
                }
            }
            return ExitCode.DONE;
        }
    }

    /** {@code branches show}. */
    @Command(
            name = "show",
            aliases = "get",
            description = "Shows a branch: its commands, what speaks against each, and its events.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "NAME", description = "EPOCH-SEQ of its first event.")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Show(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            Branch branch = get(session(), session().mesh(mesh.mesh), name);
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(branch)));
            } else if (output.isName()) {
                console().line("branch/" + Names.last(branch.getName()));
            } else {
                console().print(BranchText.details(branch, output, session().now()));
            }
            return ExitCode.DONE;
        }
    }
}
