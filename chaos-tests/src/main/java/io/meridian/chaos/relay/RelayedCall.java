package io.meridian.chaos.relay;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.meridian.chaos.relay.Disorder.Kind;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One call: what its caller sends goes to the target, and what that answers goes back. Each side is asked for a message when the other has
 * taken the one before, so whoever does not read holds the other back. What goes to a side goes through that side's {@link Way}, so from one thread at a time.
 */
final class RelayedCall {
    private final ServerCall<byte[], byte[]> caller;
    private final Metadata headers;
    private final Channel target;
    private final Disorder disorder;
    private final ScheduledExecutorService timer;
    private final String method;
    /** How long the caller waits from the call on; null: as long as it takes. */
    private final @Nullable Long timeoutNanos;

    private final ClientCall<byte[], byte[]> callee;
    private final Way toTarget;
    private final Way toCaller;

    /** Whether the caller is not asked for its next message before the target is ready. */
    private final AtomicBoolean callerWaits = new AtomicBoolean();

    private final AtomicBoolean targetWaits = new AtomicBoolean();

    /** Known with the first message. */
    private volatile String mesh = "";

    private RelayedCall(
            ServerCall<byte[], byte[]> caller,
            Metadata headers,
            Channel target,
            Disorder disorder,
            ScheduledExecutorService timer) {
        this.caller = caller;
        this.headers = headers;
        this.target = target;
        this.disorder = disorder;
        this.timer = timer;
        method = caller.getMethodDescriptor().getFullMethodName();
        Deadline deadline = Context.current().getDeadline();
        timeoutNanos = deadline == null ? null : deadline.timeRemaining(TimeUnit.NANOSECONDS);
        callee = newCall();
        long stream = disorder.stream();
        toTarget = new Way(
                disorder,
                () -> RecordStreams.takesMany(method) ? new Kind(method, true, mesh) : null,
                stream,
                timer,
                callee::sendMessage);
        toCaller = new Way(
                disorder,
                () -> RecordStreams.answersRecords(method) ? new Kind(method, false, mesh) : null,
                stream,
                timer,
                caller::sendMessage);
    }

    /** Called where a server's handler is: its context has the deadline. */
    static ServerCall.Listener<byte[]> start(
            ServerCall<byte[], byte[]> caller,
            Metadata headers,
            Channel target,
            Disorder disorder,
            ScheduledExecutorService timer) {
        RelayedCall call = new RelayedCall(caller, headers, target, disorder, timer);
        call.callee.start(call.new FromTarget(), copy(headers));
        call.callee.request(1);
        caller.request(1);
        return call.new FromCaller();
    }

    private ClientCall<byte[], byte[]> newCall() {
        MethodDescriptor<byte[], byte[]> descriptor = caller.getMethodDescriptor();
        CallOptions options = CallOptions.DEFAULT;
        if (timeoutNanos != null) {
            options = options.withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS);
        }
        // Not in the caller's context: a call that is made once more outlives it.
        Context before = Context.ROOT.attach();
        try {
            return target.newCall(descriptor, options);
        } finally {
            Context.ROOT.detach(before);
        }
    }

    private static Metadata copy(Metadata headers) {
        Metadata copy = new Metadata();
        copy.merge(headers);
        return copy;
    }

    private void askCaller() {
        callerWaits.set(true);
        if (callee.isReady()) {
            callerMaySend();
        }
    }

    private void callerMaySend() {
        if (callerWaits.compareAndSet(true, false)) {
            caller.request(1);
        }
    }

    private void askTarget() {
        targetWaits.set(true);
        if (caller.isReady()) {
            targetMaySend();
        }
    }

    private void targetMaySend() {
        if (targetWaits.compareAndSet(true, false)) {
            callee.request(1);
        }
    }

    /** Makes the call once more; nobody hears what is answered. */
    private void makeTwice(byte[] request) {
        disorder.secondCallMillis().ifPresent(millis -> {
            try {
                var _ = timer.schedule(() -> again(request), millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // The relay is closed.
            }
        });
    }

    private void again(byte[] request) {
        disorder.countMadeTwice();
        ClientCall<byte[], byte[]> second = newCall();
        second.start(new ClientCall.Listener<byte[]>() {}, copy(headers));
        // The second one is the end of the call.
        second.request(2);
        second.sendMessage(request);
        second.halfClose();
    }

    private final class FromCaller extends ServerCall.Listener<byte[]> {
        private byte @Nullable [] first;

        @Override
        public void onMessage(byte[] message) {
            if (first == null) {
                first = message;
                mesh = RecordStreams.mesh(method, message);
            }
            toTarget.take(message);
            askCaller();
        }

        @Override
        public void onHalfClose() {
            toTarget.end(callee::halfClose);
            if (first != null && RecordStreams.isCall(method)) {
                makeTwice(first);
            }
        }

        @Override
        public void onCancel() {
            toCaller.abort();
            toTarget.abort();
            callee.cancel("the caller has gone", null);
        }

        @Override
        public void onReady() {
            targetMaySend();
        }
    }

    private final class FromTarget extends ClientCall.Listener<byte[]> {
        @Override
        public void onHeaders(Metadata answered) {
            toCaller.between(() -> caller.sendHeaders(answered));
        }

        @Override
        public void onMessage(byte[] message) {
            toCaller.take(message);
            askTarget();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            toTarget.abort();
            toCaller.end(() -> caller.close(status, trailers));
        }

        @Override
        public void onReady() {
            callerMaySend();
        }
    }
}
