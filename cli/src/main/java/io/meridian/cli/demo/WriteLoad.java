package io.meridian.cli.demo;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.api.admin.v1.ResourceServiceGrpc;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.Position;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One change of the mesh after another, each asked for at any region under the same request id until it is acknowledged: the time that takes is
 * the pause that a client sees. Counts are read from another thread.
 */
final class WriteLoad implements AutoCloseable {
    private static final Duration ATTEMPT = Duration.ofSeconds(2);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(20);
    private static final Set<Status.Code> REFUSALS = Set.of(
            Status.Code.INVALID_ARGUMENT,
            Status.Code.NOT_FOUND,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.ALREADY_EXISTS,
            Status.Code.PERMISSION_DENIED,
            Status.Code.UNIMPLEMENTED);
    /** Nothing in the demo has this host, so that proxies are not bothered. */
    @SuppressWarnings("InlineFormatString") // A text block of that length is better read by itself.
    private static final String CHANGE = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: demo-load
            spec:
              hosts: [demo-load.example]
              http:
              - timeout: %dms
                route:
                - destination: {host: reviews}
            """;

    private final List<AdminClient> regions;
    private final Duration every;
    private final String run = UUID.randomUUID().toString();
    private final LoadCounter counter = new LoadCounter();
    private int region;
    private volatile @Nullable Position last;
    private volatile long pendingSinceNanos;
    private volatile boolean pending;

    /** @param addresses of regions, HOST:PORT; the first is asked first */
    WriteLoad(List<String> addresses, Duration every) {
        this.regions = addresses.stream().map(AdminClient::new).toList();
        this.every = every;
    }

    LoadCounter counter() {
        return counter;
    }

    /** Of the change that was acknowledged last; null before the first. */
    @Nullable
    Position last() {
        return last;
    }

    /** For how long the change that is being made has not been acknowledged; zero if there is none. */
    Duration pendingFor() {
        return pending ? Duration.ofNanos(System.nanoTime() - pendingSinceNanos) : Duration.ZERO;
    }

    /**
     * Begins no change after {@code endNanos} and gives up on the last one at {@code giveUpNanos}. A change that is refused ends it with a
     * DemoException.
     */
    void run(long endNanos, long giveUpNanos) {
        long due = System.nanoTime();
        for (int number = 1; due - endNanos < 0; number++) {
            LockSupport.parkNanos(due - System.nanoTime());
            pendingSinceNanos = System.nanoTime();
            pending = true;
            boolean acknowledged = write(number, giveUpNanos);
            counter.add(Duration.ofNanos(System.nanoTime() - pendingSinceNanos), acknowledged);
            pending = false;
            due = Math.max(due + every.toNanos(), System.nanoTime());
        }
    }

    private boolean write(int number, long giveUpNanos) {
        ApplyResourcesRequest request = ApplyResourcesRequest.newBuilder()
                .setParent("meshes/" + DemoLayout.MESH)
                .addManifests(Manifest.newBuilder()
                        .setSource("demo-load.yaml")
                        .setContent(ByteString.copyFromUtf8(CHANGE.formatted(1000 + number))))
                .setDefaultNamespace("default")
                .setOptions(WriteOptions.newBuilder()
                        .setRequestId("demo-load-" + run + "-" + number)
                        .setReason("meridian demo load"))
                .build();
        while (System.nanoTime() - giveUpNanos < 0) {
            try {
                last = regions.get(region)
                        .call(
                                ATTEMPT,
                                channel -> ResourceServiceGrpc.newBlockingStub(channel)
                                        .applyResources(request))
                        .getWrite()
                        .getPosition();
                return true;
            } catch (StatusRuntimeException e) {
                if (REFUSALS.contains(e.getStatus().getCode())) {
                    throw new DemoException("the change was refused: " + e.getMessage(), e);
                }
                region = (region + 1) % regions.size();
                LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            }
        }
        return false;
    }

    @Override
    public void close() {
        regions.forEach(AdminClient::close);
    }
}
