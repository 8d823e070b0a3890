package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryMeshes;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.MeshEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two changes were left behind by a failover; each is recorded by an event of its own. */
@Timeout(60)
class BranchAdminTest {
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
        List<EventEnvelope> all = meshes.events(Bookinfo.ID);
        tail = List.copyOf(all.subList((int) fork.position().seq(), all.size()));
        meshes.fork(Bookinfo.ID, fork.position().seq(), server.region().id());
        name = DivergentBranch.nameOf(tail.getFirst().position());
        for (EventEnvelope envelope : tail) {
            meshes.record(
                    Bookinfo.ID,
                    new MeshEvent.DivergentBranchDetected(
                            name, "us-1", fork, List.of(envelope), List.of(entry(envelope))));
        }
    }

    private static BranchEntry entry(EventEnvelope envelope) {
        return new BranchEntry(
                envelope.header().getCommandId(),
                envelope.position(),
                envelope.position(),
                BranchEntry.Assessment.REAPPLIABLE,
                "untouched since",
                false,
                BranchEntry.Resolution.OPEN,
                Optional.empty());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Branch get(String branch) {
        return server.regions()
                .getBranch(GetBranchRequest.newBuilder()
                        .setName(Bookinfo.MESH + "/branches/" + branch)
                        .build());
    }

    @Test
    void branchesAreListedWithTheirEntriesAndWithoutEvents() {
        Branch branch = server.regions()
                .listBranches(ListBranchesRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .build())
                .getBranches(0);

        assertThat(branch.getName()).isEqualTo("meshes/bookinfo/branches/" + name);
        assertThat(branch.getOriginRegion()).isEqualTo("us-1");
        assertThat(branch.getHead()).isEqualTo(tail.getLast().position().toProto());
        assertThat(branch.getOpenEntries()).isEqualTo(2);
        assertThat(branch.getEntriesList())
                .extracting(io.meridian.api.events.v1.BranchEntry::getLast)
                .containsExactly(
                        tail.getFirst().position().toProto(),
                        tail.getLast().position().toProto());
        assertThat(branch.getEventsList()).isEmpty();
        assertThat(server.regions()
                        .listRegions(ListRegionsRequest.getDefaultInstance())
                        .getRegions(0)
                        .getMeshes(0)
                        .getOpenBranches())
                .isEqualTo(1);
    }

    @Test
    void aBranchIsShownWithItsEventsAsTheyStood() {
        assertThat(get(name).getEventsList())
                .extracting(Event::getPosition)
                .containsExactly(
                        tail.getFirst().position().toProto(),
                        tail.getLast().position().toProto());
        assertThat(get(name).getEvents(0).getSummary()).isEqualTo("created VirtualService default/a");
        assertThat(get(name).getEvents(0).getHash()).isEqualTo(tail.getFirst().hash().hex());
    }

    @Test
    void anUnknownBranchIsNotFoundByItsName() {
        Failures failure = Failures.of(() -> get("1-999"));

        assertThat(failure.reason()).isEqualTo("BRANCH_NOT_FOUND");
        assertThat(failure.info().getMetadataMap()).containsEntry("resource", "meshes/bookinfo/branches/1-999");
        assertThat(Failures.of(() -> get("")).fields().getFirst().getField()).isEqualTo("name");
    }
}
