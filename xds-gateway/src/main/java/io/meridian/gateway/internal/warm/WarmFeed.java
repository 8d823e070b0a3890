package io.meridian.gateway.internal.warm;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.meridian.api.feed.v1.FeedMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A channel that leads nowhere: every call on it is told what the mesh is, and then each change, in messages that are read from their bytes as
 * they would be off the network. Thread-safe.
 */
final class WarmFeed extends Channel {
    private final List<FeedMessage> whole;
    private final Set<Call<?, ?>> calls = ConcurrentHashMap.newKeySet();

    /** {@code whole}: what a call begins with. */
    WarmFeed(List<FeedMessage> whole) {
        this.whole = List.copyOf(whole);
    }

    /** Tells it to every call that is open. */
    void tell(FeedMessage change) {
        calls.forEach(call -> call.tell(change.toByteString()));
    }

    @Override
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
        Call<Q, R> call =
                new Call<>(method, Objects.requireNonNullElse(options.getExecutor(), Runnable::run), calls::remove);
        whole.forEach(message -> call.tell(message.toByteString()));
        calls.add(call);
        return call;
    }

    @Override
    public String authority() {
        return "warm-up";
    }

    /** Hears that a call ended. */
    @FunctionalInterface
    private interface Ended {
        void ended(Call<?, ?> call);
    }

    private static final class Call<Q, R> extends ClientCall<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private final Executor executor;
        private final Ended end;
        // Guarded by this.
        private final Deque<ByteString> waiting = new ArrayDeque<>();
        private @Nullable Listener<R> listener;
        private long wanted;

        Call(MethodDescriptor<Q, R> method, Executor executor, Ended end) {
            this.method = method;
            this.executor = executor;
            this.end = end;
        }

        @Override
        public synchronized void start(Listener<R> told, Metadata headers) {
            listener = told;
        }

        @Override
        public synchronized void request(int messages) {
            wanted += messages;
            deliver();
        }

        synchronized void tell(ByteString message) {
            waiting.add(message);
            deliver();
        }

        private void deliver() {
            Listener<R> told = listener;
            while (told != null && wanted > 0 && !waiting.isEmpty()) {
                wanted--;
                ByteString message = waiting.remove();
                executor.execute(() -> told.onMessage(method.parseResponse(message.newInput())));
            }
        }

        @Override
        public synchronized void cancel(@Nullable String message, @Nullable Throwable cause) {
            Listener<R> told = listener;
            listener = null;
            end.ended(this);
            if (told != null) {
                executor.execute(() -> told.onClose(Status.CANCELLED.withDescription(message), new Metadata()));
            }
        }

        /** Whatever is asked, the answer is the same. */
        @Override
        public void sendMessage(Q request) {}

        @Override
        public void halfClose() {}
    }
}
