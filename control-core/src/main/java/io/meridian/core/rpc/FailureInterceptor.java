package io.meridian.core.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Answers what a handler throws: a status as it is, anything else as INTERNAL with an id of the log. Stack traces stay here. */
final class FailureInterceptor implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Guarded<Q, R> guarded = new Guarded<>(call);
        try {
            return new Listener<>(guarded, next.startCall(guarded, headers));
        } catch (RuntimeException e) {
            guarded.fail(e);
            return new ServerCall.Listener<>() {};
        }
    }

    /** Closes once: an answer that comes after a failure is dropped. */
    private static final class Guarded<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final AtomicBoolean closed = new AtomicBoolean();

        Guarded(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (closed.compareAndSet(false, true)) {
                // What an in-process transport would carry over as an object.
                super.close(status.withCause(null), trailers);
            }
        }

        void fail(RuntimeException failure) {
            StatusRuntimeException status = Errors.of(failure);
            @Nullable Metadata trailers = status.getTrailers();
            close(status.getStatus(), trailers == null ? new Metadata() : trailers);
        }
    }

    private static final class Listener<Q, R> extends SimpleForwardingServerCallListener<Q> {
        private final Guarded<Q, R> call;

        Listener(Guarded<Q, R> call, ServerCall.Listener<Q> delegate) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        @Override
        public void onCancel() {
            guard(super::onCancel);
        }

        @Override
        public void onComplete() {
            guard(super::onComplete);
        }

        private void guard(Runnable event) {
            try {
                event.run();
            } catch (RuntimeException e) {
                call.fail(e);
            }
        }
    }
}
