package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.ChangeMembersRequest;
import io.meridian.api.admin.v1.ChangeMembersResponse;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.GetBranchRequest;
import io.meridian.api.admin.v1.ListBranchesRequest;
import io.meridian.api.admin.v1.ListBranchesResponse;
import io.meridian.api.admin.v1.ListRegionsRequest;
import io.meridian.api.admin.v1.ListRegionsResponse;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ReplaceRegionRequest;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import java.util.Optional;

/** RegionService. */
final class RegionAdmin extends RegionServiceGrpc.RegionServiceImplBase {
    private final Reads reads;
    private final RegionList list;
    private final KnownRegions regions;
    private final Proxies proxies;
    private final HomeMoveCalls moves;
    private final MemberChanges members;
    private final BranchReads branches;
    private final BranchResolution resolution;

    RegionAdmin(
            Reads reads,
            RegionList list,
            KnownRegions regions,
            Proxies proxies,
            HomeMoveCalls moves,
            MemberChanges members,
            BranchReads branches,
            BranchResolution resolution) {
        this.reads = reads;
        this.list = list;
        this.regions = regions;
        this.proxies = proxies;
        this.moves = moves;
        this.members = members;
        this.branches = branches;
        this.resolution = resolution;
    }

    @Override
    public void listRegions(ListRegionsRequest request, StreamObserver<ListRegionsResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> list.list(request, call));
    }

    @Override
    public void planFailover(PlanFailoverRequest request, StreamObserver<FailoverPlan> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            MeshId mesh = Names.mesh("mesh", request.getMesh());
            regions.require("to_region", request.getToRegion());
            return reads.active(mesh, Optional.empty(), call)
                    .thenCombine(
                            proxies.list(mesh, call),
                            (state, found) -> FailoverPlanner.plan(known(state, found), request.getToRegion()));
        });
    }

    private FailoverPlanner.Known known(MeshState state, Proxies.Everywhere found) {
        return new FailoverPlanner.Known(
                state.id(),
                state.homeRegion(),
                regions.of(state, found.unreachable()),
                underWay(state),
                found.proxies().size(),
                (int) found.proxies().stream()
                        .filter(proxy -> proxy.getRegion().equals(state.homeRegion()))
                        .count(),
                Views.durability(state));
    }

    private static Optional<String> underWay(MeshState state) {
        return state.successor()
                .map(MeshState.Successor::region)
                .or(() -> state.handover().map(MeshState.Handover::toRegion))
                .map(to -> "the home is being handed over to region " + to);
    }

    @Override
    public void handover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> observer) {
        moves.handover(request, observer);
    }

    @Override
    public void failover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> observer) {
        moves.failover(request, observer);
    }

    @Override
    public void planMembers(PlanMembersRequest request, StreamObserver<MembersPlan> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> members.plan(request, call));
    }

    @Override
    public void joinRegion(ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> observer) {
        Call call = Call.current(MemberChanges.DEFAULT_TIMEOUT);
        Answers.answerBlocking(observer, call, () -> members.join(request, call));
    }

    @Override
    public void leaveRegion(ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> observer) {
        Call call = Call.current(MemberChanges.DEFAULT_TIMEOUT);
        Answers.answerBlocking(observer, call, () -> members.leave(request, call));
    }

    @Override
    public void replaceRegion(ReplaceRegionRequest request, StreamObserver<ReplaceRegionResponse> observer) {
        Call call = Call.current(MemberChanges.DEFAULT_TIMEOUT);
        Answers.answerBlocking(observer, call, () -> members.replace(request, call));
    }

    @Override
    public void listBranches(ListBranchesRequest request, StreamObserver<ListBranchesResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> branches.list(request, call));
    }

    @Override
    public void getBranch(GetBranchRequest request, StreamObserver<Branch> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> branches.get(request, call));
    }

    @Override
    public void reapplyBranch(ResolveBranchRequest request, StreamObserver<ResolveBranchResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> resolution.reapply(request, call));
    }

    @Override
    public void discardBranch(ResolveBranchRequest request, StreamObserver<ResolveBranchResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> resolution.discard(request, call));
    }
}
