package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.api.admin.v1.GetResourceRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.ListResourcesResponse;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.RollbackRequest;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** ResourceService. */
final class ResourceAdmin extends ResourceServiceGrpc.ResourceServiceImplBase {
    private final Reads reads;
    private final ResourceWrites resourceWrites;
    private final ResourceDeletion deletion;

    ResourceAdmin(Reads reads, ResourceWrites resourceWrites, ResourceDeletion deletion) {
        this.reads = reads;
        this.resourceWrites = resourceWrites;
        this.deletion = deletion;
    }

    @Override
    public void applyResources(ApplyResourcesRequest request, StreamObserver<ApplyResourcesResponse> observer) {
        Answers.answer(observer, () -> resourceWrites.apply(request, Call.current()));
    }

    @Override
    public void deleteResources(DeleteResourcesRequest request, StreamObserver<ApplyResourcesResponse> observer) {
        Answers.answer(observer, () -> deletion.delete(request, Call.current()));
    }

    @Override
    public void rollback(RollbackRequest request, StreamObserver<ApplyResourcesResponse> observer) {
        Answers.answer(observer, () -> resourceWrites.rollback(request, Call.current()));
    }

    @Override
    public void getResource(GetResourceRequest request, StreamObserver<Resource> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            ResourceKey key = ResourceKeys.resolve("key", request.getKey(), Manifests.namespace(""));
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.active(mesh, min, Call.current())
                    .thenApply(state -> Optional.ofNullable(state.resources().get(key))
                            .map(found -> Views.resource(state, found))
                            .orElseThrow(() -> notFound(state, key)));
        });
    }

    private static RuntimeException notFound(MeshState state, ResourceKey key) {
        return Errors.notFound(
                RejectionCode.RESOURCE_NOT_FOUND,
                "Resource",
                Views.resourceName(state, key),
                "there is no " + key + " in mesh " + state.id());
    }

    @Override
    public void listResources(ListResourcesRequest request, StreamObserver<ListResourcesResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            int size = Pages.size(request.getPageSize());
            Optional<ResourceKey> after =
                    Pages.after(request, request.getPageToken()).map(ResourceAdmin::key);
            Predicate<io.meridian.model.resource.Resource> filter = filter(request);
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.active(mesh, min, Call.current()).thenApply(state -> {
                var rest = after.map(last -> state.resources().tailMap(last, false))
                        .map(tail -> tail.values())
                        .orElseGet(() -> state.resources().values());
                List<io.meridian.model.resource.Resource> selected =
                        rest.stream().filter(filter).limit(size + 1L).toList();
                Pages.Page<Resource> page = Pages.of(
                        request,
                        size,
                        selected,
                        resource -> text(resource.key()),
                        resource -> Views.resource(state, resource));
                return ListResourcesResponse.newBuilder()
                        .addAllResources(page.items())
                        .setNextPageToken(page.nextToken())
                        .setPosition(state.head().position().toProto())
                        .build();
            });
        });
    }

    private static Predicate<io.meridian.model.resource.Resource> filter(ListResourcesRequest request) {
        LabelSelector selector = LabelSelector.parse("label_selector", request.getLabelSelector());
        Optional<IstioKinds.Kind> kind = request.getKind().isEmpty()
                ? Optional.empty()
                : Optional.of(ResourceKeys.kind("kind", "", request.getKind()));
        String namespace = request.getNamespace();
        return resource ->
                kind.map(wanted -> wanted.kind().equals(resource.key().kind())).orElse(true)
                        && (namespace.isEmpty()
                                || namespace.equals(resource.key().namespace()))
                        && selector.test(resource.labels());
    }

    /** No part of a key holds a line feed. */
    private static String text(ResourceKey key) {
        return String.join("\n", key.group(), key.kind(), key.namespace(), key.name());
    }

    private static ResourceKey key(String text) {
        String[] parts = text.split("\n", -1);
        if (parts.length != 4) {
            throw Errors.invalid("page_token", "is not a token of this list");
        }
        return new ResourceKey(parts[0], parts[1], parts[2], parts[3]);
    }
}
