package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListBranchesResponse;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BranchVerbsTest {
    private static final BranchEntry FINE = BranchEntry.newBuilder()
            .setCommandId("c-41")
            .setFirst(Bookinfo.position(65, 41))
            .setLast(Bookinfo.position(65, 42))
            .setAssessment(BranchEntry.Assessment.REAPPLIABLE)
            .setWhy("nothing it touched was changed since")
            .build();
    private static final BranchEntry CONFLICT = BranchEntry.newBuilder()
            .setCommandId("c-43")
            .setFirst(Bookinfo.position(65, 43))
            .setLast(Bookinfo.position(65, 43))
            .setAssessment(BranchEntry.Assessment.CONFLICT)
            .setOperatorOnly(true)
            .setWhy("VirtualService default/reviews was changed at 66.50")
            .build();
    private static final Branch BRANCH = Branch.newBuilder()
            .setName("meshes/bookinfo/branches/65-41")
            .setOriginRegion("eu-1")
            .setFork(Bookinfo.position(65, 40))
            .setHead(Bookinfo.position(65, 43))
            .addEntries(FINE)
            .addEntries(CONFLICT)
            .setOpenEntries(2)
            .build();

    private final List<ResolveBranchRequest> reapplied = new CopyOnWriteArrayList<>();
    private final List<ResolveBranchRequest> discarded = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Regions());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Regions extends RegionServiceGrpc.RegionServiceImplBase {
        @Override
        public void listBranches(ListBranchesRequest request, StreamObserver<ListBranchesResponse> answer) {
            answer.onNext(ListBranchesResponse.newBuilder().addBranches(BRANCH).build());
            answer.onCompleted();
        }

        @Override
        public void getBranch(GetBranchRequest request, StreamObserver<Branch> answer) {
            answer.onNext(BRANCH.toBuilder()
                    .addEvents(Bookinfo.event(41, "created VirtualService default/a"))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void reapplyBranch(ResolveBranchRequest request, StreamObserver<ResolveBranchResponse> answer) {
            reapplied.add(request);
            answer.onNext(ResolveBranchResponse.newBuilder()
                    .addEntries(FINE.toBuilder()
                            .setResolution(BranchEntry.Resolution.REAPPLIED)
                            .setReappliedAt(Bookinfo.position(66, 60)))
                    .addEntries(CONFLICT)
                    .setWrite(WriteResponse.newBuilder().setPosition(Bookinfo.position(66, 60)))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void discardBranch(ResolveBranchRequest request, StreamObserver<ResolveBranchResponse> answer) {
            discarded.add(request);
            answer.onNext(ResolveBranchResponse.newBuilder()
                    .addEntries(FINE.toBuilder().setResolution(BranchEntry.Resolution.DISCARDED))
                    .setWrite(WriteResponse.newBuilder().setPosition(Bookinfo.position(66, 61)))
                    .build());
            answer.onCompleted();
        }
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    @Test
    void branchesAreListed() {
        assertThat(cli().run("branches", "list").out()).isEqualTo("""
                        NAME    REGION   FORK    HEAD    ENTRIES   OPEN
                        65-41   eu-1     65.40   65.43   2         2
                        """);
        assertThat(cli().run("branches", "list", "-o", "json").out())
                .startsWith("{\n  \"branches\": [\n    {\n      \"name\": \"meshes/bookinfo/branches/65-41\"")
                .contains("\"openEntries\": 2", "\"assessment\": \"CONFLICT\"", "\"resolution\": \"OPEN\"");
        assertThat(cli().run("branches", "list", "-o", "name").out()).isEqualTo("branch/65-41\n");
    }

    @Test
    void aBranchIsShownWithItsCommandsAndEvents() {
        assertThat(cli().run("branches", "show", "65-41").out())
                .startsWith("""
                        Branch 65-41, left by region eu-1: parts after 65.40, reaches 65.43; 2 of 2 commands open

                        ENTRY   ASSESSMENT    OPERATOR   STATE   AT   WHY
                        65.42   reappliable   -          open    -    nothing it touched was changed since
                        65.43   conflict      only       open    -    VirtualService default/reviews was changed at 66.50

                        POSITION   AGE""")
                .contains("created VirtualService default/a");
    }

    @Test
    void withoutEntriesWhatStaysOpenIsNoFailure() {
        Run run = cli().run("branches", "reapply", "65-41", "--reason", "lost");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("""
                        ENTRY   ASSESSMENT    OPERATOR   STATE       AT      WHY
                        65.42   reappliable   -          reapplied   66.60   nothing it touched was changed since
                        65.43   conflict      only       open        -       VirtualService default/reviews was changed at 66.50
                        branch/65-41 reapplied at 66.60
                        """);
        ResolveBranchRequest request = reapplied.getFirst();
        assertThat(request.getName()).isEqualTo("meshes/bookinfo/branches/65-41");
        assertThat(request.getEntriesList()).isEmpty();
        assertThat(request.getForce()).isFalse();
        assertThat(request.getOptions().getReason()).isEqualTo("lost");
    }

    @Test
    void aNamedEntryThatStaysOpenIsAConflict() {
        Run run = cli().run("branches", "reapply", "65-41", "65.42", "43", "--force", "--reason", "lost", "-o", "json");

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(reapplied.getFirst().getEntriesList())
                .containsExactly(Bookinfo.position(65, 42), Bookinfo.position(65, 43));
        assertThat(reapplied.getFirst().getForce()).isTrue();
        assertThat(run.out())
                .startsWith("{\n  \"position\": {\n    \"mesh\": \"bookinfo\",\n    \"epoch\": 66,")
                .contains("\"entries\": [\n", "\"resolution\": \"REAPPLIED\"");
    }

    @Test
    void mistakesAreToldBeforeAnythingIsChanged() {
        assertThat(cli().run("branches", "reapply", "65-41", "--force", "--reason", "x")
                        .err())
                .startsWith("error: --force: name the entries");
        assertThat(cli().run("branches", "reapply", "65-41").err()).isEqualTo("error: missing: --reason=TEXT\n");
        assertThat(cli().run("branches", "reapply", "65-41", "one", "--reason", "x")
                        .err())
                .isEqualTo("error: ENTRY: \"one\" is not a position (EPOCH.SEQ or SEQ)\n");
        assertThat(cli().run("branches", "reapply", "65-41", "77", "--reason", "x")
                        .exitCode())
                .isEqualTo(4);
        assertThat(cli().run("branches", "discard", "65-41", "--reason", "x").exitCode())
                .isEqualTo(2);
        assertThat(reapplied).isEmpty();
        assertThat(discarded).isEmpty();
    }

    @Test
    void whatIsDiscardedIsShownAndItsNameHasToBeTyped() {
        Run run = cli().types("65-41").run("branches", "discard", "65-41", "--reason", "done again");
        Run yes = cli().run("branches", "discard", "65-41", "65.42", "--reason", "done again", "--yes");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .startsWith("Branch 65-41, left by region eu-1")
                .endsWith("Type the branch's name (65-41) to go on: ");
        assertThat(run.out()).endsWith("branch/65-41 discarded at 66.61\n");
        assertThat(yes.err()).isEmpty();
        assertThat(discarded).extracting(ResolveBranchRequest::getEntriesCount).containsExactly(0, 1);
    }
}
