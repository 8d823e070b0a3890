package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.session.Session;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a change of the regions that hold a mesh takes. */
final class MemberOptions {
    @Mixin
    MeshOption mesh = new MeshOption();

    @Option(names = "--all-meshes", description = "For every mesh, one after the other.")
    boolean allMeshes;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Required: why; kept in the history.")
    String reason = "";

    @Option(
            names = "--without-majority",
            description =
                    "Do it though no majority of the members is known to hold the change before, and do not wait for one: if the others are gone for good.")
    boolean withoutMajority;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Makes the change idempotent over runs of the command. Chosen at random if not given.")
    @Nullable
    String requestId;

    @Mixin
    OutputOptions output = new OutputOptions();

    void require() {
        if (reason.isBlank()) {
            throw CliFailure.usage("missing: --reason=TEXT");
        }
        if (allMeshes && mesh.mesh != null) {
            throw CliFailure.usage("--mesh and --all-meshes exclude each other");
        }
    }

    /** Whose members are to change, by name. */
    List<String> meshes(Session session) {
        if (!allMeshes) {
            return List.of(session.mesh(mesh.mesh));
        }
        return Pages.all(
                        token -> session.servers()
                                .call(channel -> MeshServiceGrpc.newBlockingStub(channel)
                                        .listMeshes(ListMeshesRequest.newBuilder()
                                                .setPageSize(Pages.SIZE)
                                                .setPageToken(token)
                                                .build())),
                        ListMeshesResponse::getMeshesList,
                        ListMeshesResponse::getNextPageToken)
                .stream()
                .map(found -> Names.last(found.getName()))
                .toList();
    }

    /** Ids are per mesh: one serves all. */
    WriteOptions toProto() {
        return WriteOptions.newBuilder()
                .setRequestId(requestId())
                .setReason(reason)
                .build();
    }

    String requestId() {
        String id = requestId;
        if (id == null) {
            id = UUID.randomUUID().toString();
            requestId = id;
        }
        return id;
    }
}
