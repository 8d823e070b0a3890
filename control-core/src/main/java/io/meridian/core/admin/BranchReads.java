package io.meridian.core.admin;

import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListBranchesResponse;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.BranchCodec;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What forced failovers left behind, as this region's copy of the log has it. Blocks; runs on virtual threads. */
final class BranchReads {
    static final String COLLECTION = "branches";

    private final Reads reads;
    private final MeshLog log;

    BranchReads(Reads reads, MeshLog log) {
        this.reads = reads;
        this.log = log;
    }

    /** The one that was recorded first comes first. */
    ListBranchesResponse list(ListBranchesRequest request, Call call) throws Exception {
        MeshId mesh = Names.mesh("parent", request.getParent());
        MeshState state = Answers.await(reads.known(mesh, Optional.empty(), call), call);
        return ListBranchesResponse.newBuilder()
                .addAllBranches(state.branches().values().stream()
                        .sorted(Comparator.comparing(branch -> branch.recordedAt().getFirst()))
                        .map(branch -> view(mesh, branch).build())
                        .toList())
                .build();
    }

    /** With its events. */
    Branch get(GetBranchRequest request, Call call) throws Exception {
        Names.Child name = Names.child("name", request.getName(), COLLECTION);
        MeshState state = Answers.await(reads.known(name.mesh(), Optional.empty(), call), call);
        DivergentBranch branch = require(state, name.id());
        return view(name.mesh(), branch)
                .addAllEvents(events(name.mesh(), branch, call).stream()
                        .map(BranchReads::event)
                        .toList())
                .build();
    }

    static DivergentBranch require(MeshState state, String name) {
        DivergentBranch branch = state.branches().get(name);
        if (branch == null) {
            throw Errors.notFound(
                    RejectionCode.BRANCH_NOT_FOUND,
                    "Branch",
                    Names.of(state.id(), COLLECTION, name),
                    "mesh " + state.id() + " has no branch " + name + " in this region");
        }
        return branch;
    }

    /** As the earlier home stored them, in order; read from the events that recorded them. */
    List<EventEnvelope> events(MeshId mesh, DivergentBranch branch, Call call) throws Exception {
        List<EventEnvelope> events = new ArrayList<>();
        for (long seq : branch.recordedAt()) {
            List<EventEnvelope> read = Answers.await(log.read(mesh, seq - 1, 1), call);
            if (read.isEmpty() || read.getFirst().seq() != seq) {
                throw new IllegalStateException("the log of mesh " + mesh + " has no event " + seq);
            }
            long held = events.isEmpty() ? 0 : events.getLast().seq();
            recorded(read.getFirst()).envelopes().stream()
                    .filter(envelope -> envelope.seq() > held)
                    .forEach(events::add);
        }
        return events;
    }

    private static MeshEvent.DivergentBranchDetected recorded(EventEnvelope envelope) throws UnreadableEventException {
        if (EventCodec.decode(envelope) instanceof MeshEvent.DivergentBranchDetected detected) {
            return detected;
        }
        throw new IllegalStateException(
                "event " + envelope.position() + " of mesh " + envelope.mesh() + " records no branch");
    }

    private static Event event(EventEnvelope envelope) {
        return EventViews.show(envelope, EventViews.summary(envelope), EventView.BASIC);
    }

    /** Without its events. */
    private static Branch.Builder view(MeshId mesh, DivergentBranch branch) {
        Branch.Builder view = Branch.newBuilder()
                .setName(Names.of(mesh, COLLECTION, branch.name()))
                .setOriginRegion(branch.originRegion())
                .setFork(branch.fork().position().toProto())
                .setHead(branch.head().position().toProto())
                .setOpenEntries(branch.openEntries().size());
        branch.entries().forEach(entry -> view.addEntries(BranchCodec.toProto(entry)));
        return view;
    }
}
