package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.CreateNamespaceRequest;
import io.meridian.api.admin.v1.DeleteNamespaceRequest;
import io.meridian.api.admin.v1.GetNamespaceRequest;
import io.meridian.api.admin.v1.ListNamespacesRequest;
import io.meridian.api.admin.v1.ListNamespacesResponse;
import io.meridian.api.admin.v1.Namespace;
import io.meridian.api.admin.v1.NamespaceServiceGrpc;
import io.meridian.api.admin.v1.NamespaceWriteResponse;
import io.meridian.api.admin.v1.UpdateNamespaceRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** NamespaceService. */
final class NamespaceAdmin extends NamespaceServiceGrpc.NamespaceServiceImplBase {
    private static final String COLLECTION = "namespaces";

    private final Reads reads;
    private final Writes writes;

    NamespaceAdmin(Reads reads, Writes writes) {
        this.reads = reads;
        this.writes = writes;
    }

    @Override
    public void createNamespace(CreateNamespaceRequest request, StreamObserver<NamespaceWriteResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            String id = request.getNamespaceId();
            return write(
                    new Names.Child(mesh, id),
                    new MeshCommand.CreateNamespace(id, request.getSpec()),
                    request.getOptions());
        });
    }

    @Override
    public void updateNamespace(UpdateNamespaceRequest request, StreamObserver<NamespaceWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            return write(name, new MeshCommand.UpdateNamespace(name.id(), request.getSpec()), request.getOptions());
        });
    }

    @Override
    public void deleteNamespace(DeleteNamespaceRequest request, StreamObserver<WriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var command = new MeshCommand.DeleteNamespace(name.id());
            return writes.accept(writes.request(name.mesh(), command, request.getOptions(), call), call)
                    .thenApply(Writes::response);
        });
    }

    @Override
    public void getNamespace(GetNamespaceRequest request, StreamObserver<Namespace> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), name.mesh());
            return reads.active(name.mesh(), min, Call.current())
                    .thenApply(state -> shown(state, name.id()).orElseThrow(() -> notFound(name)));
        });
    }

    @Override
    public void listNamespaces(ListNamespacesRequest request, StreamObserver<ListNamespacesResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            int size = Pages.size(request.getPageSize());
            Optional<String> after = Pages.after(request, request.getPageToken());
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.active(mesh, min, Call.current()).thenApply(state -> {
                Pages.Page<Namespace> page = Pages.of(
                        request,
                        size,
                        Entries.after(state.namespaces(), after),
                        Map.Entry::getKey,
                        entry -> Views.namespace(state, entry.getKey(), entry.getValue()));
                return ListNamespacesResponse.newBuilder()
                        .addAllNamespaces(page.items())
                        .setNextPageToken(page.nextToken())
                        .setPosition(state.head().position().toProto())
                        .build();
            });
        });
    }

    private CompletionStage<NamespaceWriteResponse> write(Names.Child name, MeshCommand command, WriteOptions options) {
        Call call = Call.current();
        return writes.accept(writes.request(name.mesh(), command, options, call), call)
                .thenCompose(accepted -> reads.afterWrite(accepted.position(), call)
                        .thenApply(state -> {
                            NamespaceWriteResponse.Builder response =
                                    NamespaceWriteResponse.newBuilder().setWrite(Writes.response(accepted));
                            state.flatMap(found -> shown(found, name.id())).ifPresent(response::setNamespace);
                            return response.build();
                        }));
    }

    private static Optional<Namespace> shown(MeshState state, String name) {
        return Optional.ofNullable(state.namespaces().get(name)).map(entry -> Views.namespace(state, name, entry));
    }

    private static RuntimeException notFound(Names.Child name) {
        return Errors.notFound(
                RejectionCode.NAMESPACE_NOT_FOUND,
                "Namespace",
                Names.of(name.mesh(), COLLECTION, name.id()),
                "mesh " + name.mesh() + " has no namespace " + name.id());
    }
}
