package io.meridian.cli.rpc;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The admin servers of a command. A call goes to the first that can be reached; where one answers that it is unavailable, the call is made again, at
 * the next, until the time-out. That is safe for reads, and for writes because each carries a request id that a mesh applies once.
 *
 * <p>If no server can be reached at all and nothing was sent, it fails at once. Owned by the thread that runs the command.
 */
public final class Servers implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    /** An attempt that has less time is not begun: it would be cut off, and leave a write's outcome open that the answers before it have told. */
    private static final Duration LEAST_ATTEMPT = Duration.ofMillis(200);

    private final List<String> addresses;
    private final CallHeaders headers;
    private final Duration timeout;
    private final Transport transport;
    private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();
    /** The index of the server that answered last. */
    private int preferred;

    private boolean nothingDone;

    /**
     * @param addresses HOST:PORT, at least one
     * @param timeout of a call with all its retries
     */
    public Servers(List<String> addresses, String actor, String userAgent, Duration timeout) {
        this.transport = new Transport(userAgent);
        this.addresses = List.copyOf(addresses);
        this.headers = new CallHeaders(actor);
        this.timeout = timeout;
    }

    /** As {@link #call(Duration, Function)}, with the command's time-out. */
    public <T> T call(Function<Channel, T> rpc) {
        return call(timeout, rpc);
    }

    /**
     * @param rpc makes one blocking call on the channel, which has deadline and headers already
     * @throws StatusRuntimeException the last answer
     * @throws CliFailure if no server can be reached
     */
    public <T> T call(Duration limit, Function<Channel, T> rpc) {
        Deadline deadline = new Deadline(limit);
        Duration pause = FIRST_PAUSE;
        StatusRuntimeException answer = null;
        nothingDone = true;
        while (true) {
            List<String> unreachable = new ArrayList<>();
            for (int tried = 0; tried < addresses.size(); tried++) {
                String address = addresses.get(preferred);
                try {
                    return rpc.apply(headers.on(channel(address), deadline.remaining()));
                } catch (StatusRuntimeException e) {
                    String reason = Unreachable.reason(e);
                    preferred = (preferred + 1) % addresses.size();
                    if (reason == null) {
                        nothingDone &= ErrorReport.reason(e).equals(ErrorReport.REGION_UNAVAILABLE);
                        if (answer != null && isOurDeadline(e)) {
                            // What the server said before tells more than that the time is up.
                            throw answer;
                        }
                        answer = e;
                        if (!isRetryable(e)) {
                            preferred = addresses.indexOf(address);
                            throw e;
                        }
                        break;
                    }
                    unreachable.add(address + ": " + reason);
                }
            }
            if (answer == null) {
                throw unreachable(unreachable);
            }
            Duration wait = ErrorDetails.of(answer).retryAfter().orElse(pause);
            if (deadline.remaining().compareTo(wait.plus(LEAST_ATTEMPT)) <= 0) {
                throw answer;
            }
            sleep(wait);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    /** Of the call that failed last: whether each of its attempts was turned away before anything was done, so that a write has changed nothing. */
    public boolean nothingDone() {
        return nothingDone;
    }

    /** A channel without a deadline for a call that goes on, with the headers; the next server after each failure. */
    public Channel stream() {
        return headers.on(channel(addresses.get(preferred)), null);
    }

    /** The stream's server failed: the next one is used. */
    public void next() {
        preferred = (preferred + 1) % addresses.size();
    }

    /** Unavailable, or a server that could not find out in its time what became of the call and says when to ask again. */
    private static boolean isRetryable(StatusRuntimeException e) {
        return e.getStatus().getCode() == Status.Code.UNAVAILABLE
                || (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
                        && ErrorDetails.of(e).retryAfter().isPresent());
    }

    /** The time was up before a server said anything: its own words would have details. */
    private static boolean isOurDeadline(StatusRuntimeException e) {
        return e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
                && ErrorReport.reason(e).isEmpty();
    }

    private static CliFailure unreachable(List<String> servers) {
        List<String> lines = new ArrayList<>();
        if (servers.size() == 1) {
            lines.add("cannot reach the server " + servers.getFirst());
        } else {
            lines.add("cannot reach any server");
            lines.addAll(servers);
        }
        lines.add(
                "nothing was sent. Any region takes any call: name another with --server HOST:PORT, or several in MERIDIAN_SERVER");
        return new CliFailure(ExitCode.UNAVAILABLE, lines);
    }

    private static void sleep(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure(ExitCode.UNAVAILABLE, "interrupted");
        }
    }

    private ManagedChannel channel(String address) {
        return channels.computeIfAbsent(address, transport::connect);
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        transport.close();
    }

    /** How much of a call's time is left. */
    private static final class Deadline {
        private final long endNanos;

        Deadline(Duration limit) {
            endNanos = System.nanoTime() + limit.toNanos();
        }

        Duration remaining() {
            return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
        }
    }
}
