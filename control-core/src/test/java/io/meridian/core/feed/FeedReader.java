package io.meridian.core.feed;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.SubscribeRequest;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.RegionServer;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.Evolver;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A subscriber that takes messages one at a time, when the test asks for them, and folds them as a gateway does. */
final class FeedReader implements AutoCloseable {
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private final List<FeedMessage> taken = new ArrayList<>();
    private @Nullable ClientCallStreamObserver<SubscribeRequest> call;
    private @Nullable MeshState state;

    static FeedReader of(RegionServer server, SubscribeRequest request) {
        FeedReader reader = new FeedReader();
        EventFeedGrpc.newStub(server.channel()).subscribe(request, reader.new Responses());
        return reader;
    }

    private final class Responses implements ClientResponseObserver<SubscribeRequest, FeedMessage> {
        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(0);
        }

        @Override
        public void onNext(FeedMessage message) {
            arrived.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            arrived.add(failure);
        }

        @Override
        public void onCompleted() {
            arrived.add("completed");
        }
    }

    /** Lets one message in and waits for it. */
    FeedMessage next() {
        Object next = take();
        if (!(next instanceof FeedMessage message)) {
            throw new AssertionError("no message but " + next);
        }
        taken.add(message);
        fold(message);
        return message;
    }

    Failures failure() {
        return Failures.of((Throwable) take());
    }

    private Object take() {
        if (call != null) {
            call.request(1);
        }
        try {
            Object next = arrived.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came within 10 s");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void fold(FeedMessage message) {
        if (message.hasSnapshot()) {
            state = SnapshotCodec.toState(message.getSnapshot());
        }
        for (Envelope envelope : message.getEvents().getEnvelopesList()) {
            try {
                if (state != null) {
                    state = Evolver.evolve(state, EventEnvelope.of(envelope));
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Everything up to the next progress, which is included. */
    List<FeedMessage> untilProgress() {
        int from = taken.size();
        FeedMessage message;
        do {
            message = next();
        } while (!message.hasProgress());
        return List.copyOf(taken.subList(from, taken.size()));
    }

    /** What was read, folded; null before a snapshot. */
    @Nullable
    MeshState state() {
        return state;
    }

    @Override
    public void close() {
        if (call != null) {
            call.cancel("the test is over", null);
        }
    }
}
