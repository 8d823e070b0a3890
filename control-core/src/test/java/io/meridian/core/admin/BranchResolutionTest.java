package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.events.v1.BranchEntry.Resolution;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryMeshes;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.BranchEntry.Assessment;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three changes were left behind: a and b, which nothing speaks against, and c, which conflicts. */
@Timeout(60)
class BranchResolutionTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());
    private final InMemoryMeshes meshes = server.region().meshes();
    private String name = "";
    private List<EventEnvelope> tail = List.of();

    @BeforeEach
    void leaveABranch() {
        var _ = server.meshes()
                .createMesh(
                        CreateMeshRequest.newBuilder().setMeshId("bookinfo").build());
        Head fork = meshes.state(Bookinfo.ID).head();
        var _ = apply(server, virtualService("a", "a"));
        var _ = apply(server, virtualService("b", "b"));
        var _ = apply(server, virtualService("c", "c"));
        List<EventEnvelope> all = meshes.events(Bookinfo.ID);
        tail = List.copyOf(all.subList((int) fork.position().seq(), all.size()));
        meshes.fork(Bookinfo.ID, fork.position().seq(), server.region().id());
        name = DivergentBranch.nameOf(tail.getFirst().position());
        List<BranchEntry> entries = new ArrayList<>();
        for (EventEnvelope envelope : tail) {
            entries.add(new BranchEntry(
                    envelope.header().getCommandId(),
                    envelope.position(),
                    envelope.position(),
                    envelope == tail.getLast() ? Assessment.CONFLICT : Assessment.REAPPLIABLE,
                    "as judged",
                    false,
                    BranchEntry.Resolution.OPEN,
                    Optional.empty()));
        }
        meshes.record(Bookinfo.ID, new MeshEvent.DivergentBranchDetected(name, "us-1", fork, tail, entries));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private ResolveBranchRequest.Builder request(int... entries) {
        ResolveBranchRequest.Builder request = ResolveBranchRequest.newBuilder()
                .setName(Bookinfo.MESH + "/branches/" + name)
                .setOptions(WriteOptions.newBuilder().setRequestId("bring-back").setReason("lost"));
        for (int entry : entries) {
            request.addEntries(tail.get(entry).position().toProto());
        }
        return request;
    }

    private ResolveBranchResponse reapply(ResolveBranchRequest.Builder request) {
        return server.regions().reapplyBranch(request.build());
    }

    private ResolveBranchResponse discard(ResolveBranchRequest.Builder request) {
        return server.regions().discardBranch(request.build());
    }

    private Position head() {
        return meshes.state(Bookinfo.ID).head().position();
    }

    private List<String> resources() {
        return meshes.state(Bookinfo.ID).resources().keySet().stream()
                .map(key -> key.name())
                .toList();
    }

    private static List<Resolution> resolutions(ResolveBranchResponse response) {
        return response.getEntriesList().stream()
                .map(io.meridian.api.events.v1.BranchEntry::getResolution)
                .toList();
    }

    @Test
    void withoutNamesAllThatNothingSpeaksAgainstComesBackInOrder() {
        ResolveBranchResponse response = reapply(request());

        assertThat(resolutions(response)).containsExactly(Resolution.REAPPLIED, Resolution.REAPPLIED);
        assertThat(resources()).containsExactly("a", "b");
        assertThat(response.getWrite().getPosition()).isEqualTo(head().toProto());
        assertThat(response.getEntries(1).getReappliedAt()).isEqualTo(head().toProto());
        assertThat(meshes.events(Bookinfo.ID).getLast().header().getReapplies())
                .isEqualTo(tail.get(1).position().toProto());
    }

    @Test
    void askedAgainNothingIsDoneTwice() {
        var _ = reapply(request(0));
        Position once = head();

        ResolveBranchResponse again = reapply(request(0));

        assertThat(head()).isEqualTo(once);
        assertThat(resolutions(again)).containsExactly(Resolution.REAPPLIED);
        assertThat(again.getWrite().getUnchanged()).isTrue();
    }

    @Test
    void whatConflictsStaysOpenUnlessItIsForced() {
        Position before = head();

        ResolveBranchResponse refused = reapply(request(2));

        assertThat(resolutions(refused)).containsExactly(Resolution.OPEN);
        assertThat(refused.getEntries(0).getWhy()).isNotEqualTo("as judged");
        assertThat(head()).isEqualTo(before);
        assertThat(resolutions(reapply(request(2).setForce(true)))).containsExactly(Resolution.REAPPLIED);
        assertThat(resources()).containsExactly("c");
    }

    @Test
    void aDryRunChangesNothing() {
        Position before = head();
        ResolveBranchRequest.Builder request = request();
        request.getOptionsBuilder().setValidateOnly(true);

        ResolveBranchResponse response = reapply(request);

        assertThat(resolutions(response)).containsOnly(Resolution.OPEN);
        assertThat(head()).isEqualTo(before);
    }

    @Test
    void whatIsGivenUpIsOneEventAndCannotComeBack() {
        Position before = head();

        ResolveBranchResponse one = discard(request(0));
        ResolveBranchResponse rest = discard(request().setOptions(
                WriteOptions.newBuilder().setReason("done again")));

        assertThat(resolutions(one)).containsExactly(Resolution.DISCARDED);
        assertThat(resolutions(rest)).containsExactly(Resolution.DISCARDED, Resolution.DISCARDED);
        assertThat(head().seq()).isEqualTo(before.seq() + 2);
        assertThat(resolutions(reapply(request(0).setForce(true)))).containsExactly(Resolution.DISCARDED);
        assertThat(resources()).isEmpty();
    }

    @Test
    void badInputIsRefusedWithItsField() {
        assertField("force", request().setForce(true));
        assertField("options.reason", request().setOptions(WriteOptions.getDefaultInstance()));
        assertField(
                "options.expected_position",
                request().setOptions(WriteOptions.newBuilder()
                        .setReason("x")
                        .setExpectedPosition(head().toProto())));
        assertField("entries[0]", request().addEntries(head().toProto()));
        assertField("name", request().setName("meshes/bookinfo/clusters/a"));
        assertThat(Failures.of(() -> reapply(request().setName(Bookinfo.MESH + "/branches/9-9")))
                        .reason())
                .isEqualTo("BRANCH_NOT_FOUND");
    }

    private void assertField(String field, ResolveBranchRequest.Builder request) {
        Failures failure = Failures.of(() -> reapply(request));
        assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.fields().getFirst().getField()).isEqualTo(field);
    }
}
