package io.meridian.core.admin;

import com.google.protobuf.util.Timestamps;
import io.meridian.api.admin.v1.At;
import io.meridian.core.MeshStates;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads of states, with everything that is not a found state as the error that the client is told. */
final class Reads {
    /** How long an answer to a write waits until this region holds the write, to show what it made. */
    private static final Duration AFTER_WRITE = Duration.ofSeconds(2);

    private final MeshStates states;

    Reads(MeshStates states) {
        this.states = states;
    }

    /** The newest state, whatever it is: also of a mesh that is not there. */
    CompletionStage<MeshState> any(MeshId mesh, Optional<Position> min, Call call) {
        return states.latest(mesh, min, call.remaining()).thenApply(read -> found(read, min));
    }

    /** Of a mesh that has a history: active or deleted. */
    CompletionStage<MeshState> known(MeshId mesh, Optional<Position> min, Call call) {
        return any(mesh, min, call).thenApply(state -> {
            if (state.life() == MeshState.Life.ABSENT) {
                throw missing(mesh, "there is no mesh " + mesh + " in this region");
            }
            return state;
        });
    }

    CompletionStage<MeshState> active(MeshId mesh, Optional<Position> min, Call call) {
        return known(mesh, min, call).thenApply(state -> {
            if (!state.isActive()) {
                throw missing(mesh, "mesh " + mesh + " was deleted; its history stays readable");
            }
            return state;
        });
    }

    /** The state right after the event at {@code seq} of the current branch. */
    CompletionStage<MeshState> at(MeshId mesh, long seq, Call call) {
        return states.at(mesh, seq, call.remaining()).thenApply(read -> switch (read) {
            case MeshStates.Read.Found(var state) -> state;
            case MeshStates.Read.Behind(var held) -> throw noSuchEvent(mesh, Long.toString(seq), held);
            case MeshStates.Read.RolledBack(var asked) -> throw Errors.rolledBack(asked);
        });
    }

    /** As {@link #at(MeshId, long, Call)}; waits until the region holds it, and refuses a position of another branch. */
    CompletionStage<MeshState> at(Position position, Call call) {
        return any(position.mesh(), Optional.of(position), call)
                .thenCompose(newest -> newest.head().position().equals(position)
                        ? CompletableFuture.completedStage(newest)
                        : at(position.mesh(), position.seq(), call))
                .thenApply(state -> {
                    if (!state.head().position().equals(position)) {
                        throw Errors.rolledBack(position);
                    }
                    return state;
                });
    }

    /** The state that {@code at} means; the newest one where it is empty. {@code field}: its name in the request. Blocks. */
    MeshState at(String field, MeshId mesh, At at, Call call) throws Exception {
        MeshState newest = Answers.await(known(mesh, Optional.empty(), call), call);
        return switch (at.getAtCase()) {
            case AT_NOT_SET -> newest;
            case POSITION -> {
                Position position = Names.eventPosition(field + ".position", at.getPosition(), mesh);
                yield Answers.await(at(position, call), call);
            }
            case SEQ -> {
                if (at.getSeq() < 1) {
                    throw Errors.invalid(field + ".seq", "is " + at.getSeq() + "; the first event has seq 1");
                }
                yield Answers.await(at(mesh, at.getSeq(), call), call);
            }
            case TIME -> {
                if (!Timestamps.isValid(at.getTime())) {
                    throw Errors.invalid(field + ".time", "is not a time between the years 1 and 9999");
                }
                Instant time = Instant.ofEpochSecond(
                        at.getTime().getSeconds(), at.getTime().getNanos());
                long seq = Answers.await(states.seqAt(mesh, time, call.remaining()), call);
                if (seq == 0) {
                    throw noSuchEvent(
                            mesh, "at or before " + time, newest.head().position());
                }
                yield Answers.await(at(mesh, seq, call), call);
            }
        };
    }

    /** The state with what was just written at {@code position}; empty if this region does not hold it soon. */
    CompletionStage<Optional<MeshState>> afterWrite(Position position, Call call) {
        return states.latest(position.mesh(), Optional.of(position), call.remaining(AFTER_WRITE))
                .thenApply(read -> read instanceof MeshStates.Read.Found(var state)
                        ? Optional.of(state)
                        : Optional.<MeshState>empty())
                .exceptionally(failure -> Optional.empty());
    }

    static RuntimeException noSuchEvent(MeshId mesh, String which, Position head) {
        return Errors.notFound(
                RejectionCode.POSITION_NOT_FOUND,
                "Event",
                Names.of(mesh, "events", which),
                "the log of mesh " + mesh + " has no event " + which + "; its head in this region is " + head);
    }

    private static RuntimeException missing(MeshId mesh, String message) {
        return Errors.notFound(RejectionCode.MESH_NOT_FOUND, "Mesh", Names.of(mesh), message);
    }

    private static MeshState found(MeshStates.Read read, Optional<Position> min) {
        return switch (read) {
            case MeshStates.Read.Found(var state) -> state;
            case MeshStates.Read.Behind(var held) -> throw Errors.behind(held, min.orElse(held));
            case MeshStates.Read.RolledBack(var asked) -> throw Errors.rolledBack(asked);
        };
    }
}
