package io.meridian.replicator.internal;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.core.MeshLog;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.Sender;
import io.meridian.replicator.core.SenderInput;
import io.meridian.replicator.core.SenderOutput;
import io.meridian.replicator.core.SenderSettings;
import io.meridian.replicator.core.SenderState;
import io.meridian.replicator.core.SenderState.Opened;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Follow stream, server side. Carries out what {@link Sender} says, on a queue of its own. Holds one read of the log at most; while
 * the transport is not ready nothing is read.
 */
final class FollowSession implements StreamObserver<FollowRequest> {
    private static final Logger log = LoggerFactory.getLogger(FollowSession.class);

    /** Which replica follows what. */
    private record Key(MeshId mesh, String replica) {}

    private final ReplicatorSettings settings;
    private final Ports ports;
    private final Consumer<String> onOpen;
    private final Consumer<FollowSession> onEnd;
    private final ServerCallStreamObserver<FollowResponse> responses;
    private final SerialQueue queue;

    // Touched on the queue only.
    private @Nullable Key key;
    /** What the replica calls it; 0 if it does not. */
    private long stream;

    private @Nullable Driver<SenderState, SenderInput, SenderOutput> driver;
    private MeshLog.@Nullable Subscription headWatch;
    private boolean ended;

    /** {@code onOpen} hears the name of the replica's region, as it says. */
    FollowSession(
            ReplicatorSettings settings,
            Ports ports,
            Consumer<String> onOpen,
            Consumer<FollowSession> onEnd,
            ServerCallStreamObserver<FollowResponse> responses,
            Executor pool) {
        this.settings = settings;
        this.ports = ports;
        this.onOpen = onOpen;
        this.onEnd = onEnd;
        this.responses = responses;
        queue = new SerialQueue(pool);
        responses.setOnReadyHandler(() -> feed(new SenderInput.TransportReady()));
        responses.setOnCancelHandler(() -> queue.execute(this::finish));
    }

    void tick() {
        feed(new SenderInput.Tick());
    }

    /** Ends the stream; the replica may come again. */
    void abort(Status status) {
        queue.execute(() -> endWith(status));
    }

    @Override
    public void onNext(FollowRequest request) {
        queue.execute(() -> {
            try {
                switch (request.getRequestCase()) {
                    case OPEN -> open(request.getStream(), request.getOpen());
                    case ACK -> {
                        if (request.getStream() == stream) {
                            Head head = Heads.of(request.getAck().getHead());
                            feed(new SenderInput.Acknowledged(
                                    head, request.getAck().getCredits()));
                        }
                    }
                    case REQUEST_NOT_SET ->
                        throw new IllegalArgumentException("neither an opening nor an acknowledgement");
                }
            } catch (IllegalArgumentException e) {
                endWith(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        queue.execute(this::finish);
    }

    @Override
    public void onCompleted() {
        queue.execute(() -> {
            if (!ended) {
                responses.onCompleted();
                finish();
            }
        });
    }

    private void open(long name, FollowRequest.Open open) {
        if (ended) {
            return;
        }
        if (driver != null) {
            if (name != stream) {
                // Of another stream.
                return;
            }
            throw new IllegalArgumentException("the stream is open already");
        }
        MeshId mesh = new MeshId(open.getMesh());
        Head head = open.hasHead() ? Heads.of(open.getHead()) : Head.empty(mesh);
        if (!head.position().mesh().equals(mesh)) {
            throw new IllegalArgumentException(
                    "a head of mesh " + head.position().mesh() + " for mesh " + mesh);
        }
        stream = name;
        Opened opened = new Opened(head, Lineage.of(open.getLineageList()));
        Sender sender = new Sender(
                settings.self(),
                new SenderSettings(
                        settings.limits().readEvents(),
                        settings.limits().batchBytes(),
                        settings.limits().windowEvents(),
                        settings.timings().progressEvery(),
                        settings.timings().aheadGrace(),
                        settings.timings().ackTimeout()));
        key = new Key(mesh, open.getReplicaRegion());
        driver = new Driver<>(queue, sender::step, sender.open(Driver.now(), opened, open.getCredits()), this::perform);
        log.info("replica follows mesh={} replica={} from={}", mesh, open.getReplicaRegion(), head.position());
        headWatch = ports.log().watchHead(mesh, changed -> feed(new SenderInput.LogHead(changed)));
        onOpen.accept(open.getReplicaRegion());
    }

    /** From any thread; {@code driver} is looked up on the queue. */
    private void feed(SenderInput input) {
        queue.execute(() -> {
            if (driver != null && !ended) {
                driver.feed(input);
            }
        });
    }

    private void perform(List<SenderOutput> outputs) {
        boolean sent = false;
        for (SenderOutput output : outputs) {
            if (ended) {
                return;
            }
            switch (output) {
                case SenderOutput.ReadLog(var afterSeq, var max) -> read(afterSeq, max);
                case SenderOutput.ReadBranch() -> readBranch();
                case SenderOutput.SendEvents(var envelopes, var homeHead) -> {
                    send(events(envelopes, homeHead));
                    sent = true;
                }
                case SenderOutput.SendProgress(var homeHead) ->
                    send(FollowResponse.newBuilder()
                            .setProgress(FollowResponse.Progress.newBuilder().setHomeHead(Heads.toProto(homeHead))));
                case SenderOutput.SendForked(var fork) -> forked(fork);
                case SenderOutput.SendDiverged(var homeAtSeq, var message) -> diverged(homeAtSeq, message);
                case SenderOutput.Acknowledged(var head) -> acknowledged(head);
                case SenderOutput.Fail(var reason) -> endWith(Status.ABORTED.withDescription(reason));
            }
        }
        if (sent && driver != null) {
            driver.feed(new SenderInput.Sent(responses.isReady()));
        }
    }

    private void read(long afterSeq, int max) {
        if (key == null) {
            return;
        }
        MeshId mesh = key.mesh();
        Ports.ask(
                () -> ports.log().read(mesh, afterSeq, max),
                settings.timings().logTimeout(),
                (envelopes, failure) -> feed(
                        envelopes != null
                                ? new SenderInput.Read(envelopes)
                                : new SenderInput.ReadFailed(failure == null ? "no answer" : Ports.reason(failure))));
    }

    private void readBranch() {
        if (key == null) {
            return;
        }
        MeshId mesh = key.mesh();
        Ports.ask(
                () -> ports.log().branch(mesh),
                settings.timings().logTimeout(),
                (branch, failure) -> feed(
                        branch != null
                                ? new SenderInput.Branch(branch.head(), branch.lineage())
                                : new SenderInput.BranchFailed(failure == null ? "no answer" : Ports.reason(failure))));
    }

    /** The bytes of the envelopes are passed on as they are. */
    private static FollowResponse.Builder events(List<EventEnvelope> envelopes, Head homeHead) {
        FollowResponse.Events.Builder events =
                FollowResponse.Events.newBuilder().setHomeHead(Heads.toProto(homeHead));
        envelopes.forEach(envelope -> events.addEnvelopes(envelope.toProto()));
        return FollowResponse.newBuilder().setEvents(events);
    }

    private void send(FollowResponse.Builder response) {
        responses.onNext(response.setStream(stream).build());
    }

    private void forked(Head fork) {
        log.warn("replica is on another branch key={} fork={}", key, fork.position());
        send(FollowResponse.newBuilder()
                .setForked(FollowResponse.Forked.newBuilder().setFork(Heads.toProto(fork))));
        responses.onCompleted();
        finish();
    }

    private void diverged(Head homeAtSeq, String message) {
        log.error("REPLICA DIVERGED key={} reason=\"{}\"", key, message);
        send(FollowResponse.newBuilder()
                .setDiverged(FollowResponse.Diverged.newBuilder()
                        .setHomeAtSeq(Heads.toProto(homeAtSeq))
                        .setMessage(message)));
        responses.onCompleted();
        finish();
    }

    /** A witness keeps no events, whatever it says. */
    private void acknowledged(Head head) {
        if (key != null && !settings.isWitness(key.replica())) {
            ports.replicas().acknowledged(key.mesh(), key.replica(), head);
        }
    }

    private void endWith(Status status) {
        if (!ended) {
            log.info("replica's stream ends key={} reason=\"{}\"", key, status.getDescription());
            responses.onError(status.asRuntimeException());
            finish();
        }
    }

    private void finish() {
        if (ended) {
            return;
        }
        ended = true;
        if (headWatch != null) {
            headWatch.close();
        }
        onEnd.accept(this);
    }
}
