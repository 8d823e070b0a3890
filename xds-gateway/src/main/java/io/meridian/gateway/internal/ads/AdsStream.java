package io.meridian.gateway.internal.ads;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.feed.MeshFollower;
import io.meridian.gateway.internal.feed.ViewLoop;
import io.meridian.gateway.internal.feed.ViewSubscriber;
import io.meridian.gateway.internal.node.InvalidNodeException;
import io.meridian.gateway.internal.node.NodeParser;
import io.meridian.gateway.internal.node.ProxyNode;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Heard;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.protocol.ServedType;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.gateway.internal.protocol.TooManyNamesException;
import io.meridian.gateway.internal.registry.ProxyConnection;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.gateway.internal.registry.Tellings;
import io.meridian.gateway.internal.rollout.RolloutPart;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream: carries requests to the protocol, and its responses to the transport whenever that takes more. All state is owned by
 * the thread of its loop; the methods for others say so.
 */
final class AdsStream<Q, S extends DiscoveryStream> extends ServerCall.Listener<Q>
        implements ViewSubscriber, Tellings.Teller {
    private static final Logger LOG = LoggerFactory.getLogger(AdsStream.class);
    private static final int LOGGED_TEXT = 2048;

    private final ServerCall<Q, Outgoing> call;
    private final Variant<Q, S> variant;
    private final AdsContext context;
    private final StreamLoop loop;
    private final Outlet outlet;
    private final long number;
    private final String peer;
    private final StreamReport report;
    private final Tellings.Place place = new Tellings.Place(this);

    private @Nullable ProxyNode node;
    private @Nullable S protocol;
    private @Nullable MeshFollower mesh;
    private boolean routedByName;
    private @Nullable ProxyConnection connection;
    private long routeByNanos;
    private @Nullable ScheduledFuture<?> wake;
    private long wakeNanos = Outlet.NEVER;
    /** The last wave of changes that it was told of; null if it is no canary. */
    private @Nullable CanaryWave wave;

    private boolean closed;
    /** How the stream ended, for an operator. */
    private String ending = "the client closed it";

    AdsStream(ServerCall<Q, Outgoing> call, Variant<Q, S> variant, AdsContext context, StreamLoop loop) {
        this.call = call;
        this.variant = variant;
        this.context = context;
        this.loop = loop;
        outlet = new Outlet(
                call,
                context.budget,
                context.limits.stallLimit(),
                loop::execute,
                () -> guarded(() -> drain(true, System.nanoTime())));
        report = new StreamReport(context.registry, context.metrics, outlet, loop);
        number = context.numbers.incrementAndGet();
        peer = peer(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    private static String peer(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                : String.valueOf(address);
    }

    void open() {
        context.streams.add(this);
        call.sendHeaders(new Metadata());
        call.request(1);
    }

    // --- From the client. ---

    @Override
    public void onMessage(Q request) {
        if (closed) {
            return;
        }
        try {
            S stream = protocol;
            if (stream == null) {
                stream = first(request);
            }
            long now = System.nanoTime();
            heard(variant.hear(stream, request, now), now);
            drain(false, now);
            if (!closed) {
                call.request(1);
            }
        } catch (InvalidNodeException | TooManyNamesException | RuntimeException | OutOfMemoryError e) {
            failed(e);
        }
    }

    private S first(Q request) throws InvalidNodeException {
        ProxyNode parsed = NodeParser.parse(variant.node(request));
        long now = System.nanoTime();
        S stream =
                variant.open(parsed.proxy().type() != Proxy.Type.GRPC, context.sharing, context.limits.protocol(), now);
        node = parsed;
        protocol = stream;
        routeByNanos = now + context.limits.meshWait().toNanos();
        route();
        return stream;
    }

    private void heard(Heard heard, long nowNanos) {
        switch (heard) {
            case Heard.Nothing nothing -> {}
            case Heard.Acknowledged(var type, var response) -> {
                report.acknowledged(type, response, nowNanos);
                if (wave != null) {
                    wave.acknowledged(response.response());
                }
            }
            case Heard.Refused(var type, var response, var message) -> {
                Refusal refusal = report.refused(type, response, message, nowNanos);
                if (wave != null) {
                    wave.refused(response.response(), message, refusal);
                }
                explain(type, refusal);
                LOG.warn(
                        "proxy refused a response node={} mesh={} type={} served={} error={}",
                        nodeId(),
                        meshName(),
                        type.shortName(),
                        report.served(),
                        message.length() <= LOGGED_TEXT ? message : message.substring(0, LOGGED_TEXT));
            }
            case Heard.UnservedType(var typeUrl) -> {
                if (context.unservedTypes.size() < LOGGED_TEXT && context.unservedTypes.add(typeUrl)) {
                    LOG.info("type is not served, answered with nothing type={} node={}", typeUrl, nodeId());
                }
            }
        }
    }

    /** Off this loop: asks what the refused resources were made of, and tells it once that is known. */
    private void explain(XdsType type, Refusal refusal) {
        MeshFollower of = mesh;
        if (of != null) {
            of.explain(
                    proxy(),
                    type,
                    refusal,
                    causes -> loop.execute(() -> guarded(() -> {
                        report.explained(type, refusal, causes);
                        report();
                    })));
        }
    }

    @Override
    public void onReady() {
        guarded(() -> drain(false, System.nanoTime()));
    }

    @Override
    public void onHalfClose() {
        end(Status.OK);
    }

    @Override
    public void onCancel() {
        if (!closed) {
            ending = context.connectionAge.ending(call.getAttributes());
        }
        released();
    }

    @Override
    public void onComplete() {
        released();
    }

    // --- From the mesh. ---

    /** From any thread: the set of meshes, or what is known of one, is another. */
    void meshesChanged() {
        loop.execute(() -> guarded(() -> {
            ProxyNode known = node;
            if (known == null) {
                return;
            }
            if (mesh == null) {
                route();
            } else if (!routedByName && context.meshes.knows(known.mesh())) {
                end(Status.UNAVAILABLE.withDescription("mesh '" + known.mesh() + "' is served now; connect again"));
            }
        }));
    }

    private void route() {
        ProxyNode known = Objects.requireNonNull(node, "routed after the first request");
        switch (context.meshes.route(known.mesh())) {
            case MeshTable.Route.To(var follower, var byName) -> {
                mesh = follower;
                routedByName = byName;
                connection = new ProxyConnection(
                        number,
                        follower.mesh(),
                        known,
                        peer,
                        variant.name(),
                        Instant.now(),
                        report.responses(),
                        this::inspect);
                context.arrivals.info(
                        "proxy connected node={} mesh={} peer={} protocol={}",
                        nodeId(),
                        follower.mesh(),
                        peer,
                        variant.name());
                follower.subscribe(this);
                report();
            }
            case MeshTable.Route.Refused(var status) -> end(status);
            case MeshTable.Route.Wait(var otherwise) -> {
                if (System.nanoTime() >= routeByNanos) {
                    end(otherwise);
                } else {
                    wakeAt(routeByNanos);
                }
            }
        }
    }

    /** From any thread. */
    private CompletionStage<List<ServedType>> inspect() {
        CompletableFuture<List<ServedType>> found = new CompletableFuture<>();
        loop.execute(() -> {
            S stream = protocol;
            if (stream == null || closed) {
                found.completeExceptionally(new IllegalStateException("the stream ended"));
            } else {
                found.complete(stream.sent());
            }
        });
        return found;
    }

    @Override
    public Proxy proxy() {
        return Objects.requireNonNull(node, "subscribed after the first request")
                .proxy();
    }

    @Override
    public ViewLoop loop() {
        return loop;
    }

    @Override
    public void onView(ProxyView view, RolloutPart part, long changedNanos) {
        try {
            S stream = protocol;
            if (closed || stream == null) {
                return;
            }
            long now = System.nanoTime();
            join(part.wave());
            report.viewing(view.position(), part.halts());
            stream.onView(view, now);
            drain(false, now);
            report.changedSince(changedNanos, stream.state(now));
        } catch (RuntimeException | OutOfMemoryError e) {
            failed(e);
        }
    }

    /** {@code number}: of the wave that it is told of; 0 if it is no canary. */
    private void join(long number) {
        if (number == 0) {
            wave = null;
        } else if ((wave == null || wave.number() != number) && mesh != null) {
            wave = new CanaryWave(mesh.canaries(), this, number);
        }
    }

    @Override
    public void onCompileFailed() {
        guarded(() -> {
            report.compileFailed();
            report();
        });
    }

    @Override
    public void onMeshDeleted() {
        guarded(() -> {
            report.meshDeleted();
            report();
        });
    }

    // --- To the client. ---

    /** {@code budgeted}: the budget has set room aside for one response. */
    private void drain(boolean budgeted, long now) {
        boolean turn = budgeted && call.isReady();
        S stream = protocol;
        if (closed || stream == null) {
            return;
        }
        outlet.refresh();
        boolean exhausted = !stream.mayPoll();
        while (!exhausted && (turn || outlet.open())) {
            turn = false;
            Outgoing next = stream.poll(now);
            if (next != null) {
                send(next, now);
            }
            exhausted = next == null || !stream.mayPoll();
        }
        // If there is more to send, the transport or the budget calls back; time alone changes nothing then.
        long wakeUp = exhausted ? stream.wakeAtNanos(now) : Outlet.NEVER;
        wakeUp = Math.min(wakeUp, outlet.nextCheckNanos());
        if (wakeUp != Outlet.NEVER) {
            wakeAt(wakeUp);
        }
        report(now);
    }

    private void send(Outgoing next, long nowNanos) {
        call.sendMessage(next);
        outlet.sent(next, nowNanos);
        report.sent(next);
        if (wave != null) {
            wave.sent(next);
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "sent node={} type={} version={} nonce={} resources={} removed={} bytes={}",
                    nodeId(),
                    next.typeUrl(),
                    next.version(),
                    next.nonce(),
                    next.resources().size(),
                    next.removed().size(),
                    next.sizeBytes());
        }
    }

    private void wakeAt(long nanos) {
        if (wake != null && nanos >= wakeNanos) {
            return;
        }
        if (wake != null) {
            wake.cancel(false);
        }
        wakeNanos = nanos;
        long delay = Math.max(0, nanos - System.nanoTime());
        wake = loop.schedule(() -> guarded(this::woken), delay);
    }

    private void woken() {
        wake = null;
        wakeNanos = Outlet.NEVER;
        if (closed) {
            return;
        }
        if (mesh == null && node != null) {
            route();
        }
        long now = System.nanoTime();
        if (outlet.overdue(now)) {
            context.metrics.writeTimedOut();
            Duration unread = Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(now - outlet.stalledSinceNanos()));
            LOG.warn(
                    "proxy does not read, cut off node={} queued={} unread={}", nodeId(), outlet.unreadBytes(), unread);
            end(Status.RESOURCE_EXHAUSTED.withDescription("this client has read nothing for " + unread));
            return;
        }
        drain(false, now);
    }

    private void report() {
        report(System.nanoTime());
    }

    private void report(long now) {
        ProxyConnection known = connection;
        S stream = protocol;
        if (closed || known == null || stream == null) {
            return;
        }
        if (wave != null) {
            wave.look(stream, now);
        }
        if (report.asTold(known, stream, now)) {
            loop.settled(this);
        } else {
            loop.due(this, now);
        }
    }

    @Override
    public Tellings.Place place() {
        return place;
    }

    @Override
    public boolean mayWait(long now) {
        S stream = protocol;
        return stream != null && stream.state(now) == StreamStatus.State.STALE && report.believedSynced(now);
    }

    @Override
    public void tell() {
        guarded(() -> {
            ProxyConnection known = connection;
            S stream = protocol;
            if (!closed && known != null && stream != null) {
                report.tell(known, stream, System.nanoTime());
            }
        });
    }

    // --- The end. ---

    /** From any thread: asks the client to go elsewhere. */
    void drainAway() {
        loop.execute(() -> end(Status.UNAVAILABLE.withDescription("this gateway is going away; connect to another")));
    }

    private void end(Status status) {
        if (closed) {
            return;
        }
        if (!status.isOk()) {
            ending = status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
            context.arrivals.info(
                    "stream ended node={} peer={} status={} text={}",
                    nodeId(),
                    peer,
                    status.getCode(),
                    status.getDescription());
        }
        released();
        call.close(status, new Metadata());
    }

    private void released() {
        if (closed) {
            return;
        }
        closed = true;
        context.streams.remove(this);
        if (wake != null) {
            wake.cancel(false);
        }
        if (mesh != null) {
            mesh.unsubscribe(this);
        }
        if (connection != null) {
            context.arrivals.info("proxy disconnected node={} mesh={} peer={}", nodeId(), meshName(), peer);
            report.ended(connection, ending);
        }
        loop.settled(this);
        outlet.close();
    }

    private String nodeId() {
        return node == null ? "?" : node.proxy().id();
    }

    private String meshName() {
        return mesh == null ? "?" : mesh.mesh().value();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws InvalidNodeException, TooManyNamesException;
    }

    private void guarded(Step step) {
        try {
            step.run();
        } catch (InvalidNodeException | TooManyNamesException | RuntimeException | OutOfMemoryError e) {
            failed(e);
        }
    }

    /** Whatever goes wrong in one stream ends that stream and nothing else. */
    private void failed(Throwable failure) {
        switch (failure) {
            case InvalidNodeException e -> {
                LOG.warn("stream refused peer={} error={}", peer, e.getMessage());
                end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            }
            case TooManyNamesException e -> {
                LOG.warn("stream ended node={} peer={} error={}", nodeId(), peer, e.getMessage());
                end(Status.RESOURCE_EXHAUSTED.withDescription("node '" + nodeId() + "' " + e.getMessage()));
            }
            case OutOfMemoryError e -> {
                // Outside the heap: within it the process has ended already (docs/operations.md). The others of the
                // task go on.
                context.metrics.internalError();
                LOG.error("no memory for a response node={} peer={} error={}", nodeId(), peer, e.getMessage());
                end(Status.RESOURCE_EXHAUSTED.withDescription("the gateway has no memory for this response now"));
            }
            default -> {
                context.metrics.internalError();
                LOG.error("stream failed node={} peer={}", nodeId(), peer, failure);
                end(Status.INTERNAL.withDescription("the gateway failed on this stream"));
            }
        }
    }
}
