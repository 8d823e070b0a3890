package io.meridian.core.admin;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.DiffRequest;
import io.meridian.api.admin.v1.DiffResponse;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.GetEventRequest;
import io.meridian.api.admin.v1.GetStateAtRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.api.admin.v1.ObjectDiff;
import io.meridian.api.admin.v1.StateAt;
import io.meridian.api.admin.v1.WatchEventsRequest;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.history.StateDiff;
import io.meridian.model.history.StateYaml;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** HistoryService: reads of the log and of states along it; of deleted meshes too. */
final class HistoryAdmin extends HistoryServiceGrpc.HistoryServiceImplBase {
    private final Reads reads;
    private final MeshLog log;
    private final EventList events;

    HistoryAdmin(Reads reads, MeshLog log) {
        this.reads = reads;
        this.log = log;
        this.events = new EventList(reads, log);
    }

    @Override
    public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> events.list(request, call));
    }

    @Override
    public void getEvent(GetEventRequest request, StreamObserver<Event> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            Position position = Names.eventPosition("position", request.getPosition(), mesh);
            EventView view = EventList.view(request.getView());
            MeshState newest = Answers.await(reads.known(mesh, Optional.empty(), call), call);
            EventEnvelope envelope = Answers.await(log.read(mesh, position.seq() - 1, 1), call).stream()
                    .findFirst()
                    .orElseThrow(() -> Reads.noSuchEvent(
                            mesh, position.toString(), newest.head().position()));
            if (!envelope.position().equals(position)) {
                throw Errors.rolledBack(position);
            }
            return events.get(envelope, view, call);
        });
    }

    @Override
    public void getStateAt(GetStateAtRequest request, StreamObserver<StateAt> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            MeshState state = reads.at("at", mesh, request.getAt(), call);
            StateAt.Builder answer = StateAt.newBuilder()
                    .setPosition(state.head().position().toProto())
                    .setState(SnapshotCodec.toProto(state))
                    .setStateHash(SnapshotCodec.stateHash(state).hex())
                    .setYaml(StateYaml.of(state));
            List<EventEnvelope> event =
                    Answers.await(log.read(mesh, state.head().position().seq() - 1, 1), call);
            event.forEach(envelope -> answer.setTime(envelope.header().getWallTime()));
            return answer.build();
        });
    }

    @Override
    public void diff(DiffRequest request, StreamObserver<DiffResponse> observer) {
        Call call = Call.current();
        Answers.answerBlocking(observer, call, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            MeshState from = reads.at("from", mesh, request.getFrom(), call);
            MeshState to = reads.at("to", mesh, request.getTo(), call);
            DiffResponse.Builder answer = DiffResponse.newBuilder()
                    .setFrom(from.head().position().toProto())
                    .setTo(to.head().position().toProto());
            List<StateDiff.ObjectDiff> diffs = StateDiff.between(from, to);
            diffs.forEach(diff -> answer.addObjects(ObjectDiff.newBuilder()
                    .setObject(diff.object())
                    .setChange(change(diff.change()))
                    .setUnified(diff.unified())));
            return answer.setUnified(StateDiff.unified(diffs)).build();
        });
    }

    private static ObjectDiff.Change change(StateDiff.Change change) {
        return switch (change) {
            case ADDED -> ObjectDiff.Change.ADDED;
            case MODIFIED -> ObjectDiff.Change.MODIFIED;
            case REMOVED -> ObjectDiff.Change.REMOVED;
        };
    }

    @Override
    public void watchEvents(WatchEventsRequest request, StreamObserver<Event> observer) {
        Call call = Call.current();
        MeshId mesh = Names.mesh("parent", request.getParent());
        EventView view = EventList.view(request.getView());
        Optional<Position> after = request.hasAfter()
                ? Optional.of(Names.eventPosition("after", request.getAfter(), mesh))
                : Optional.empty();
        EventWatch watch = new EventWatch(log, mesh, view, (ServerCallStreamObserver<Event>) observer);
        var _ = reads.known(mesh, Optional.empty(), call)
                .thenCompose(newest -> after.map(position -> reads.at(position, call))
                        .orElseGet(() -> CompletableFuture.completedStage(newest)))
                .whenComplete(watch::start);
    }
}
