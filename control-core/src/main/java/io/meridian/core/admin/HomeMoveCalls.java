package io.meridian.core.admin;

import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.core.HomeMoves;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handover and Failover. */
final class HomeMoveCalls {
    /** For clients that name no deadline: a handover drains for up to ten seconds, a failover asks regions that may not answer. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration RETRY = Duration.ofSeconds(1);
    /** For the port to tell by itself that the time was too short. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(HomeMoveCalls.class);

    private final String local;
    private final KnownRegions regions;
    private final HomeMoves moves;

    HomeMoveCalls(String local, KnownRegions regions, HomeMoves moves) {
        this.local = local;
        this.regions = regions;
        this.moves = moves;
    }

    /** One move: what is known of it before it begins. */
    private record Move(String verb, MeshId mesh, String to, String requestId, Call call, MoveStream stream) {}

    private sealed interface Outcome {
        record Done(Moved moved) implements Outcome {}

        record Not(Refused refused) implements Outcome {}
    }

    void handover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> observer) {
        if (request.getWithoutMajority()) {
            throw Errors.invalid("without_majority", "is for Failover: a handover loses nothing and needs no majority");
        }
        Move move = begin("handover", request, observer);
        HandoverRequest asked = HandoverRequest.newBuilder()
                .setMesh(move.mesh().value())
                .setToRegion(move.to())
                .setActor(move.call().actor())
                .setReason(request.getOptions().getReason())
                .setCommandId(move.requestId())
                .setOriginRegion(local)
                .build();
        follow(
                move,
                moves.handover(asked, move.call().remaining(), move.stream()::step)
                        .thenApply(answer -> answer.hasMoved()
                                ? new Outcome.Done(answer.getMoved())
                                : new Outcome.Not(answer.getRefused())));
    }

    void failover(MoveHomeRequest request, StreamObserver<MoveHomeUpdate> observer) {
        Move move = begin("failover", request, observer);
        FailoverRequest asked = FailoverRequest.newBuilder()
                .setMesh(move.mesh().value())
                .setWithoutMajority(request.getWithoutMajority())
                .setActor(move.call().actor())
                .setReason(request.getOptions().getReason())
                .setCommandId(move.requestId())
                .setOriginRegion(local)
                .build();
        follow(
                move,
                moves.failover(asked, move.to(), move.call().remaining(), move.stream()::step)
                        .thenApply(answer -> answer.hasMoved()
                                ? new Outcome.Done(answer.getMoved())
                                : new Outcome.Not(answer.getRefused())));
    }

    private Move begin(String verb, MoveHomeRequest request, StreamObserver<MoveHomeUpdate> observer) {
        Call call = Call.current(DEFAULT_TIMEOUT);
        MeshId mesh = Names.mesh("mesh", request.getMesh());
        regions.require("to_region", request.getToRegion());
        WriteOptions options = request.getOptions();
        Writes.requireReason(options);
        if (options.hasExpectedPosition()) {
            throw Errors.invalid("options.expected_position", "is not for moves of a home");
        }
        if (options.getValidateOnly()) {
            throw Errors.invalid(
                    "options.validate_only", "is not for moves of a home: PlanFailover says what one means");
        }
        String requestId = Writes.requestId(options.getRequestId());
        LOG.info(
                "{} asked mesh={} to={} request_id={} actor={} without_majority={}",
                verb,
                mesh,
                request.getToRegion(),
                requestId,
                call.actor().getSubject(),
                request.getWithoutMajority());
        return new Move(verb, mesh, request.getToRegion(), requestId, call, new MoveStream(observer));
    }

    private static void follow(Move move, CompletionStage<Outcome> outcome) {
        var _ = outcome.toCompletableFuture()
                .copy()
                .orTimeout(move.call().remaining().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answer, failure) -> {
                    switch (answer) {
                        case null -> fail(move, failure);
                        case Outcome.Done(var moved) -> end(move, moved);
                        case Outcome.Not(var refused) -> refuse(move, refused);
                    }
                });
    }

    private static void end(Move move, Moved moved) {
        LOG.info(
                "{} done mesh={} to={} request_id={} position={}.{} opened={}",
                move.verb(),
                move.mesh(),
                move.to(),
                move.requestId(),
                moved.getPosition().getEpoch(),
                moved.getPosition().getSeq(),
                moved.getOpened());
        if (!moved.getOpened()) {
            move.stream()
                    .step(
                            "region " + moved.getToRegion()
                                    + " has not been seen to go on yet; the home is its own from here, and writes wait until it does");
        }
        MoveHomeReport.Builder report = MoveHomeReport.newBuilder()
                .setPosition(moved.getPosition())
                .setFromRegion(moved.getFromRegion())
                .setToRegion(moved.getToRegion())
                .setWriteGap(moved.getWriteGap());
        if (moved.hasTakeover()) {
            report.setTakeover(moved.getTakeover())
                    .setEventsAtRisk(moved.getTakeover().getEventsAtRisk());
        }
        move.stream().end(report.build());
    }

    /** What became of it then is not known. */
    private static void fail(Move move, Throwable failure) {
        LOG.error(
                "{} failed mesh={} to={} request_id={}",
                move.verb(),
                move.mesh(),
                move.to(),
                move.requestId(),
                failure);
        move.stream()
                .fail(Errors.unknown(
                        move.requestId(), "it is not known whether the home has moved; the regions say where it is"));
    }

    /** Nothing has changed then. */
    private static void refuse(Move move, Refused refused) {
        LOG.info(
                "{} refused mesh={} to={} request_id={} code={} reason=\"{}\"",
                move.verb(),
                move.mesh(),
                move.to(),
                move.requestId(),
                refused.getCode(),
                refused.getMessage());
        String subject = "mesh " + move.mesh();
        String message = refused.getMessage();
        move.stream()
                .fail(
                        switch (refused.getCode()) {
                            case UNKNOWN_REGION -> Errors.invalid("to_region", message);
                            case SAME_REGION,
                                    REGION_LAGS,
                                    MOVE_IN_PROGRESS,
                                    NO_MAJORITY,
                                    FENCED,
                                    WITNESS,
                                    NOT_A_MEMBER ->
                                Errors.failedPrecondition(refused.getCode().name(), subject, message);
                            case REGION_UNREACHABLE -> Errors.unreachable(move.to(), message);
                            case NOT_HOME, UNAVAILABLE -> Errors.unavailable(message, RETRY);
                            case ABORTED -> Errors.aborted(refused.getCode().name(), subject, message);
                            case MESH_NOT_FOUND ->
                                Errors.notFound(RejectionCode.MESH_NOT_FOUND, "Mesh", Names.of(move.mesh()), message);
                            case CODE_UNSPECIFIED, UNRECOGNIZED ->
                                new IllegalStateException("a refusal without a known code: " + refused);
                        });
    }
}
