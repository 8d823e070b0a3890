package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetIngressGatewayRequest;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.IngressGatewayWriteResponse;
import io.meridian.api.admin.v1.ListIngressGatewaysRequest;
import io.meridian.api.admin.v1.ListIngressGatewaysResponse;
import io.meridian.api.admin.v1.UninstallIngressGatewayRequest;
import io.meridian.api.admin.v1.UpdateIngressGatewayRequest;
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

/** IngressGatewayService. */
final class IngressGatewayAdmin extends IngressGatewayServiceGrpc.IngressGatewayServiceImplBase {
    private static final String COLLECTION = "ingressGateways";

    private final Reads reads;
    private final Writes writes;

    IngressGatewayAdmin(Reads reads, Writes writes) {
        this.reads = reads;
        this.writes = writes;
    }

    @Override
    public void deployIngressGateway(
            DeployIngressGatewayRequest request, StreamObserver<IngressGatewayWriteResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            String id = request.getIngressGatewayId();
            return write(
                    new Names.Child(mesh, id),
                    new MeshCommand.DeployIngressGateway(id, request.getSpec()),
                    request.getOptions());
        });
    }

    @Override
    public void updateIngressGateway(
            UpdateIngressGatewayRequest request, StreamObserver<IngressGatewayWriteResponse> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            return write(
                    name, new MeshCommand.UpdateIngressGateway(name.id(), request.getSpec()), request.getOptions());
        });
    }

    @Override
    public void uninstallIngressGateway(
            UninstallIngressGatewayRequest request, StreamObserver<WriteResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var command = new MeshCommand.UninstallIngressGateway(name.id());
            return writes.accept(writes.request(name.mesh(), command, request.getOptions(), call), call)
                    .thenApply(Writes::response);
        });
    }

    @Override
    public void getIngressGateway(GetIngressGatewayRequest request, StreamObserver<IngressGateway> observer) {
        Answers.answer(observer, () -> {
            Names.Child name = Names.child("name", request.getName(), COLLECTION);
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), name.mesh());
            return reads.active(name.mesh(), min, Call.current())
                    .thenApply(state -> shown(state, name.id()).orElseThrow(() -> notFound(name)));
        });
    }

    @Override
    public void listIngressGateways(
            ListIngressGatewaysRequest request, StreamObserver<ListIngressGatewaysResponse> observer) {
        Answers.answer(observer, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            int size = Pages.size(request.getPageSize());
            Optional<String> after = Pages.after(request, request.getPageToken());
            var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
            return reads.active(mesh, min, Call.current()).thenApply(state -> {
                Pages.Page<IngressGateway> page = Pages.of(
                        request,
                        size,
                        Entries.after(state.ingressGateways(), after),
                        Map.Entry::getKey,
                        entry -> Views.ingressGateway(state, entry.getKey(), entry.getValue()));
                return ListIngressGatewaysResponse.newBuilder()
                        .addAllIngressGateways(page.items())
                        .setNextPageToken(page.nextToken())
                        .setPosition(state.head().position().toProto())
                        .build();
            });
        });
    }

    private CompletionStage<IngressGatewayWriteResponse> write(
            Names.Child name, MeshCommand command, WriteOptions options) {
        Call call = Call.current();
        return writes.accept(writes.request(name.mesh(), command, options, call), call)
                .thenCompose(accepted -> reads.afterWrite(accepted.position(), call)
                        .thenApply(state -> {
                            IngressGatewayWriteResponse.Builder response =
                                    IngressGatewayWriteResponse.newBuilder().setWrite(Writes.response(accepted));
                            state.flatMap(found -> shown(found, name.id())).ifPresent(response::setIngressGateway);
                            return response.build();
                        }));
    }

    private static Optional<IngressGateway> shown(MeshState state, String name) {
        return Optional.ofNullable(state.ingressGateways().get(name))
                .map(entry -> Views.ingressGateway(state, name, entry));
    }

    private static RuntimeException notFound(Names.Child name) {
        return Errors.notFound(
                RejectionCode.INGRESS_GATEWAY_NOT_FOUND,
                "IngressGateway",
                Names.of(name.mesh(), COLLECTION, name.id()),
                "mesh " + name.mesh() + " has no ingress gateway " + name.id());
    }
}
