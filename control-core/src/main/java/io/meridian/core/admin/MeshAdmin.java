package io.meridian.core.admin;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.api.admin.v1.DeleteMeshRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.UpgradeMeshRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.FieldPaths;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** MeshService. Answers to writes show the mesh as this region then has it; none if the region does not hold the write within 2 s. */
final class MeshAdmin extends MeshServiceGrpc.MeshServiceImplBase {
    private static final String ALL_FIELDS = "*";

    private final Reads reads;
    private final Writes writes;
    private final MeshCreation creation;
    private final MeshIds ids;

    MeshAdmin(Reads reads, Writes writes, MeshCreation creation, MeshLog log) {
        this.reads = reads;
        this.writes = writes;
        this.creation = creation;
        this.ids = new MeshIds(log);
    }

    @Override
    public void createMesh(CreateMeshRequest request, StreamObserver<MeshWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            return creation.create(request, call).thenCompose(accepted -> written(accepted, call));
        });
    }

    @Override
    public void updateMesh(UpdateMeshRequest request, StreamObserver<MeshWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            MeshCommand command = new MeshCommand.UpdateMesh(request.getSpec(), fields(request.getUpdateMaskList()));
            return writes.accept(
                            writes.request(Names.mesh("name", request.getName()), command, request.getOptions(), call),
                            call)
                    .thenCompose(accepted -> written(accepted, call));
        });
    }

    /** Empty for all fields. */
    private static List<String> fields(List<String> mask) {
        if (mask.contains(ALL_FIELDS)) {
            return List.of();
        }
        List<Violation> unknown = new ArrayList<>();
        for (int i = 0; i < mask.size(); i++) {
            if (!FieldPaths.exists(MeshSpec.getDescriptor(), mask.get(i))) {
                unknown.add(new Violation(
                        RejectionCode.UNKNOWN_FIELD,
                        "",
                        "update_mask[" + i + "]",
                        "\"" + mask.get(i) + "\" is not a field of MeshSpec; the fields are "
                                + String.join(
                                        ", ",
                                        MeshSpec.getDescriptor().getFields().stream()
                                                .map(FieldDescriptor::getName)
                                                .toList())));
            }
        }
        if (!unknown.isEmpty()) {
            throw Errors.rejected(unknown);
        }
        return mask;
    }

    @Override
    public void upgradeMesh(UpgradeMeshRequest request, StreamObserver<MeshWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            MeshId mesh = Names.mesh("name", request.getName());
            var command = new MeshCommand.UpgradeMesh(request.getVersion());
            return writes.accept(writes.request(mesh, command, request.getOptions(), call), call)
                    .thenCompose(accepted -> written(accepted, call));
        });
    }

    @Override
    public void deleteMesh(DeleteMeshRequest request, StreamObserver<WriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            MeshId mesh = Names.mesh("name", request.getName());
            return writes.accept(writes.request(mesh, new MeshCommand.DeleteMesh(), request.getOptions(), call), call)
                    .thenApply(Writes::response);
        });
    }

    @Override
    public void getMesh(GetMeshRequest request, StreamObserver<Mesh> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("name", request.getName());
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.known(mesh, min, Call.current()).thenApply(Views::meshWithHash);
        });
    }

    @Override
    public void listMeshes(ListMeshesRequest request, StreamObserver<ListMeshesResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            int size = Pages.size(request.getPageSize());
            Optional<String> after = Pages.after(request, request.getPageToken());
            return ids.all()
                    .thenCompose(meshes -> states(
                            meshes.stream()
                                    .filter(mesh ->
                                            after.isEmpty() || mesh.value().compareTo(after.get()) > 0)
                                    .sorted()
                                    .toList(),
                            call))
                    .thenApply(found -> {
                        List<MeshState> shown = found.stream()
                                .filter(state -> state.isActive()
                                        || (request.getShowDeleted() && state.life() == MeshState.Life.DELETED))
                                .toList();
                        Pages.Page<Mesh> page = Pages.of(
                                request,
                                size,
                                shown,
                                state -> state.id().value(),
                                state -> Views.mesh(state).build());
                        return ListMeshesResponse.newBuilder()
                                .addAllMeshes(page.items())
                                .setNextPageToken(page.nextToken())
                                .build();
                    });
        });
    }

    private CompletionStage<List<MeshState>> states(List<MeshId> meshes, Call call) {
        List<CompletableFuture<MeshState>> asked = new ArrayList<>();
        for (MeshId mesh : meshes) {
            asked.add(reads.any(mesh, Optional.empty(), call).toCompletableFuture());
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
    }

    private CompletionStage<MeshWriteResponse> written(CommandOutcome.Accepted accepted, Call call) {
        MeshWriteResponse.Builder response = MeshWriteResponse.newBuilder().setWrite(Writes.response(accepted));
        return reads.afterWrite(accepted.position(), call).thenApply(state -> {
            state.filter(MeshState::isActive).ifPresent(active -> response.setMesh(Views.meshWithHash(active)));
            return response.build();
        });
    }
}
