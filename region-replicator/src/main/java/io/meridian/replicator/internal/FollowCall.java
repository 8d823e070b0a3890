package io.meridian.replicator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.api.replication.v1.RegionPeerGrpc.RegionPeerStub;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.core.FollowerInput;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Follow stream, client side. The transport hands over at most {@code messagesInFlight} messages with events before the first of them
 * is appended; it holds the others back at the sender. Its methods are called on the queue only.
 */
final class FollowCall implements ClientResponseObserver<FollowRequest, FollowResponse> {
    private final SerialQueue queue;
    private final Consumer<FollowerInput> sink;
    private final int messagesInFlight;
    private final long stream;
    /** What both sides call it: no other stream of any process has the same. */
    private final long name = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);

    private @Nullable ClientCallStreamObserver<FollowRequest> requests;
    private volatile boolean ended;

    private FollowCall(SerialQueue queue, Consumer<FollowerInput> sink, int messagesInFlight, long stream) {
        this.queue = queue;
        this.sink = sink;
        this.messagesInFlight = messagesInFlight;
        this.stream = stream;
    }

    static FollowCall open(
            RegionPeerStub stub,
            SerialQueue queue,
            Consumer<FollowerInput> sink,
            ReplicatorSettings settings,
            long stream,
            Head head,
            Lineage lineage,
            int credits) {
        FollowCall call = new FollowCall(queue, sink, settings.limits().messagesInFlight(), stream);
        stub.follow(call)
                .onNext(FollowRequest.newBuilder()
                        .setStream(call.name)
                        .setOpen(FollowRequest.Open.newBuilder()
                                .setMesh(head.position().mesh().value())
                                .setReplicaRegion(settings.self().name())
                                .setHead(Heads.toProto(head))
                                .addAllLineage(lineage.toProto())
                                .setCredits(credits))
                        .build());
        return call;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FollowRequest> stream) {
        stream.disableAutoRequestWithInitial(messagesInFlight);
        requests = stream;
    }

    void acknowledge(Head head, int credits, int messagesDone) {
        if (requests != null && !ended) {
            requests.onNext(FollowRequest.newBuilder()
                    .setStream(name)
                    .setAck(FollowRequest.Ack.newBuilder()
                            .setHead(Heads.toProto(head))
                            .setCredits(credits))
                    .build());
            if (messagesDone > 0) {
                requests.request(messagesDone);
            }
        }
    }

    void cancel() {
        if (requests != null) {
            requests.cancel("the replica ends the stream", null);
        }
    }

    @Override
    public void onNext(FollowResponse response) {
        if (response.getStream() != 0 && response.getStream() != name) {
            // Whatever it says is of the log as another stream found it.
            askForOne();
            return;
        }
        FollowerInput input = parse(response);
        if (!(input instanceof FollowerInput.Received)) {
            askForOne();
        }
        sink.accept(input);
    }

    private void askForOne() {
        queue.execute(() -> {
            if (requests != null && !ended) {
                requests.request(1);
            }
        });
    }

    private FollowerInput parse(FollowResponse response) {
        try {
            return switch (response.getResponseCase()) {
                case EVENTS ->
                    new FollowerInput.Received(
                            stream,
                            envelopes(response.getEvents().getEnvelopesList()),
                            Heads.of(response.getEvents().getHomeHead()));
                case PROGRESS ->
                    new FollowerInput.Progress(
                            stream, Heads.of(response.getProgress().getHomeHead()));
                case FORKED ->
                    new FollowerInput.ForkedTold(
                            stream, Heads.of(response.getForked().getFork()));
                case DIVERGED ->
                    new FollowerInput.DivergedTold(
                            stream,
                            Heads.of(response.getDiverged().getHomeAtSeq()),
                            response.getDiverged().getMessage());
                case RESPONSE_NOT_SET ->
                    new FollowerInput.StreamFailed(stream, "the source speaks a newer version of the protocol");
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return new FollowerInput.Malformed(stream, Ports.reason(e));
        }
    }

    private static List<EventEnvelope> envelopes(List<Envelope> protos) throws InvalidProtocolBufferException {
        List<EventEnvelope> envelopes = new ArrayList<>(protos.size());
        for (Envelope proto : protos) {
            envelopes.add(EventEnvelope.of(proto));
        }
        return envelopes;
    }

    @Override
    public void onError(Throwable failure) {
        ended = true;
        sink.accept(new FollowerInput.StreamFailed(stream, Ports.reason(failure)));
    }

    @Override
    public void onCompleted() {
        ended = true;
        sink.accept(new FollowerInput.StreamFailed(stream, "ended by the source"));
    }
}
