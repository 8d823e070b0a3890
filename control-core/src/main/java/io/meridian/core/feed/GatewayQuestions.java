package io.meridian.core.feed;

import io.meridian.api.feed.v1.ConfigAnswer;
import io.meridian.api.feed.v1.ConfigRequest;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.core.ProxyDirectory.GatewayLine;
import io.meridian.core.rpc.Errors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Questions to one gateway over its report stream, and their answers, which come in parts. Thread-safe; its monitor guards the map. */
final class GatewayQuestions implements GatewayLine {
    /** Questions that wait at once; a further one is refused. */
    private static final int MOST_OPEN = 4;

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Consumer<ConfigRequest> asker;
    private final Map<Long, Open> open = new HashMap<>();
    private String gateway = "?";
    private long ids;
    private boolean ended;

    /** One that waits. */
    private static final class Open {
        private final CompletableFuture<List<ServedResource>> answer = new CompletableFuture<>();
        private final List<ServedResource> parts = new ArrayList<>();
        private long bytes;
    }

    /** {@code asker}: sends a question, from any thread. */
    GatewayQuestions(Consumer<ConfigRequest> asker) {
        this.asker = asker;
    }

    synchronized void gateway(String name) {
        gateway = name;
    }

    @Override
    public CompletionStage<List<ServedResource>> ask(ConfigQuery query, Duration timeout) {
        Open question = new Open();
        ConfigRequest request;
        String asked;
        synchronized (this) {
            asked = gateway;
            if (ended) {
                return CompletableFuture.failedStage(gone(asked));
            }
            if (open.size() >= MOST_OPEN) {
                return CompletableFuture.failedStage(Errors.unavailable(
                        "gateway " + asked + " is asked " + MOST_OPEN + " such questions already", RETRY));
            }
            long id = ++ids;
            open.put(id, question);
            request = ConfigRequest.newBuilder()
                    .setId(id)
                    .setMesh(query.mesh().value())
                    .setNode(query.node())
                    .addAllTypes(query.types())
                    .setName(query.name())
                    .build();
        }
        try {
            asker.accept(request);
        } catch (RuntimeException e) {
            // The stream ended between the look and the question.
            forget(request.getId());
            return CompletableFuture.failedStage(gone(asked));
        }
        return question.answer
                .copy()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(
                        failure instanceof TimeoutException
                                ? Errors.unavailable(
                                        "gateway " + asked + " did not answer within " + timeout.toMillis() + " ms",
                                        RETRY)
                                : failure))
                .whenComplete((found, failure) -> forget(request.getId()));
    }

    private synchronized void forget(long id) {
        open.remove(id);
    }

    void answered(ConfigAnswer part) {
        Open question;
        @Nullable RuntimeException failure = null;
        synchronized (this) {
            question = open.get(part.getId());
            if (question == null) {
                return;
            }
            question.parts.addAll(part.getResourcesList());
            question.bytes += part.getSerializedSize();
            if (question.bytes > ConfigQuery.MOST_ANSWER_BYTES) {
                failure = ConfigQuery.tooLarge();
            } else if (!part.getFailure().isEmpty()) {
                failure = Errors.unavailable(part.getFailure(), RETRY);
            } else if (!part.getLast()) {
                return;
            }
            open.remove(part.getId());
        }
        if (failure != null) {
            question.answer.completeExceptionally(failure);
        } else {
            question.answer.complete(List.copyOf(question.parts));
        }
    }

    /** The stream is over. */
    void end() {
        List<Open> waiting;
        String ofGateway;
        synchronized (this) {
            ended = true;
            ofGateway = gateway;
            waiting = List.copyOf(open.values());
            open.clear();
        }
        waiting.forEach(question -> question.answer.completeExceptionally(gone(ofGateway)));
    }

    private static RuntimeException gone(String gateway) {
        return Errors.unavailable("gateway " + gateway + " went away", RETRY);
    }
}
