package io.meridian.gateway.internal.feed;

import io.grpc.Channel;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.SubscribeRequest;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one mesh: feed → image → compiler → views of the connected proxies. A thread of its own owns the image, the compiler and the set
 * of subscribers; public methods may be called from any thread.
 *
 * <p>Nothing is published before the first {@code Progress}, or a local copy. When the core goes away, the last image stays.
 */
public final class MeshFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MeshFollower.class);
    /** Refusals that wait for their explanation. */
    private static final int MOST_EXPLAINED_AT_ONCE = 64;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    /** How much of the mesh is known. */
    public enum State {
        /** Nothing yet; streams wait. */
        WAITING,
        /** The core was not heard yet; served from the local copy. */
        LOCAL_COPY,
        /** Caught up at least once. */
        FOLLOWING,
        /** An event came that this version cannot read; what precedes it is still served. */
        UNREADABLE
    }

    private final MeshId mesh;
    private final Supplier<MeshCompiler> compilers;
    private final GatewayMetrics metrics;
    private final @Nullable LocalCopy copy;
    private final Runnable onChange;
    private final ScheduledExecutorService executor;
    private final FeedSubscription<SubscribeRequest, FeedMessage> subscription;
    private final String gatewayId;

    // Owned by the mesh's thread.
    private MeshCompiler compiler;
    /** Whether the compiler failed on the last image, so that nothing may be asked of it. */
    private boolean compilerBroken;

    private MeshFold fold;
    private ImageDelta pending = ImageDelta.NONE;
    private final Debounce debounce;
    private @Nullable ScheduledFuture<?> flush;
    private long flushAtNanos;
    private boolean compiled;
    private boolean left;
    private boolean askForSnapshot;
    private final Audience audience;
    private final CanaryRollout canaries;
    private final RefusalCauses causes = new RefusalCauses();
    private final AtomicInteger explaining = new AtomicInteger();

    // Read by others.
    private volatile State state = State.WAITING;
    private volatile MeshState.Life life = MeshState.Life.ABSENT;
    private volatile Head head;
    private volatile long heardNanos = System.nanoTime();

    /** {@code compilers}: makes a compiler of this mesh, also later, when one failed. {@code copy}: null if none is kept. {@code onChange} is told of each change of state or life, on the mesh's thread. */
    public MeshFollower(
            MeshId mesh,
            Supplier<MeshCompiler> compilers,
            Channel feed,
            String gatewayId,
            @Nullable LocalCopy copy,
            GatewayMetrics metrics,
            Publishes publishes,
            FeedTiming timing,
            RandomGenerator random,
            Runnable onChange) {
        this.mesh = mesh;
        this.compilers = compilers;
        compiler = compilers.get();
        this.metrics = metrics;
        debounce = new Debounce(timing);
        audience = new Audience(publishes, this::viewFailed);
        this.copy = copy;
        this.onChange = onChange;
        this.gatewayId = gatewayId;
        fold = new MeshFold(mesh);
        head = Head.empty(mesh);
        executor = MeshThread.of(mesh, metrics);
        canaries = new CanaryRollout(mesh, audience, copy, executor, this::explained);
        subscription = new FeedSubscription<>(
                "mesh " + mesh,
                feed,
                EventFeedGrpc.getSubscribeMethod(),
                this::request,
                this::take,
                executor,
                new Backoff(timing.firstBackoff(), timing.mostBackoff(), random),
                timing.silenceLimit());
        metrics.staleness(mesh, () -> staleness().toMillis() / 1000.0);
        metrics.rolloutsHalted(mesh, canaries::halted);
    }

    /** Loads the local copy if there is one, then follows. */
    public void start() {
        executor.execute(this::loadCopy);
        subscription.start();
    }

    public MeshId mesh() {
        return mesh;
    }

    public State state() {
        return state;
    }

    /** Whether views can be had. */
    public boolean available() {
        return state == State.FOLLOWING || state == State.LOCAL_COPY || (state == State.UNREADABLE && !head.isEmpty());
    }

    public boolean deleted() {
        return life == MeshState.Life.DELETED;
    }

    /** Of the last event that was folded. */
    public Head head() {
        return head;
    }

    /** Time since the core last said anything about this mesh; since the start if it never did. */
    public Duration staleness() {
        return Duration.ofNanos(System.nanoTime() - heardNanos);
    }

    /** Gives it a view as soon as there is one, and each one after it whose resources are others. */
    public void subscribe(ViewSubscriber subscriber) {
        executor.execute(() -> {
            audience.add(subscriber);
            if (compiled && life == MeshState.Life.ACTIVE) {
                audience.tell(subscriber, head.position(), views(), System.nanoTime());
            } else if (compiled && life == MeshState.Life.DELETED) {
                subscriber.loop().execute(subscriber::onMeshDeleted);
            }
        });
    }

    public void unsubscribe(ViewSubscriber subscriber) {
        executor.execute(() -> {
            if (audience.remove(subscriber)) {
                left = true;
                canaries.conclude();
            }
        });
    }

    /**
     * Looks up what refused resources were made of; {@code then} hears it on the mesh's thread, or never: while many refuse, or the mesh is
     * not compiled, the question is dropped.
     */
    public void explain(Proxy proxy, XdsType type, Refusal refusal, Consumer<Refusal.Causes> then) {
        if (explaining.incrementAndGet() > MOST_EXPLAINED_AT_ONCE) {
            explaining.decrementAndGet();
            return;
        }
        executor.execute(() -> {
            explaining.decrementAndGet();
            if (compiled && !compilerBroken && life == MeshState.Life.ACTIVE) {
                then.accept(causesOf(proxy, type, refusal));
            }
        });
    }

    /** What its canaries tell and are told. */
    public CanaryRollout canaries() {
        return canaries;
    }

    /** Ends following and writes the local copy; waits for it a few seconds. */
    @Override
    public void close() {
        subscription.close();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (copy != null) {
            copy.close();
        }
    }

    // --- On the mesh's thread. ---

    private void loadCopy() {
        if (copy == null) {
            return;
        }
        Optional<MeshFold> loaded = copy.load();
        if (loaded.isPresent()) {
            fold = loaded.get();
            LOG.info("local copy loaded mesh={} position={}", mesh, position());
            becomes(State.LOCAL_COPY);
            compileFromScratch();
        }
    }

    private SubscribeRequest request() {
        SubscribeRequest.Builder request =
                SubscribeRequest.newBuilder().setMesh(mesh.value()).setGateway(gatewayId);
        Head held = fold.image().state().head();
        if (!held.isEmpty() && !askForSnapshot) {
            request.setHeld(held.position().toProto()).setHeldHash(held.hash().bytes());
        }
        return request.build();
    }

    private FeedSubscription.Verdict take(FeedMessage message) {
        heardNanos = System.nanoTime();
        Head before = fold.image().state().head();
        MeshFold.Taken taken;
        try {
            taken = fold.take(message);
        } catch (BrokenFeedException e) {
            LOG.warn(
                    "feed broken, asking for a snapshot mesh={} position={} error={}",
                    mesh,
                    position(),
                    e.getMessage());
            askForSnapshot = true;
            return FeedSubscription.Verdict.AGAIN;
        }
        if (message.hasSnapshot()) {
            askForSnapshot = false;
        }
        UnreadableEventException unreadable = taken.unreadable();
        if (copy != null && compiled && !message.hasProgress()) {
            copy.changed(unreadable == null ? message : FeedMessage.getDefaultInstance(), fold.image());
        }
        changed(taken.delta(), !before.equals(fold.image().state().head()));
        if (unreadable != null) {
            LOG.error(
                    "feed stopped at an event that this version cannot read; upgrade this gateway."
                            + " mesh={} event={} type={} serving={} error={}",
                    mesh,
                    unreadable.position(),
                    unreadable.type(),
                    position(),
                    unreadable.getMessage());
            becomes(State.UNREADABLE);
            return FeedSubscription.Verdict.STOP;
        }
        if (message.hasProgress()) {
            caughtUp();
            return FeedSubscription.Verdict.WELL;
        }
        return FeedSubscription.Verdict.NEXT;
    }

    private void caughtUp() {
        if (state == State.FOLLOWING) {
            return;
        }
        LOG.info("caught up mesh={} position={}", mesh, position());
        becomes(State.FOLLOWING);
        if (!compiled) {
            compileFromScratch();
            if (copy != null) {
                // Not earlier: a copy of half of what there is would be served as if it were all.
                copy.changed(FeedMessage.getDefaultInstance(), fold.image());
            }
        }
    }

    private void changed(ImageDelta delta, boolean moved) {
        if (!compiled || (delta.isEmpty() && !moved)) {
            return;
        }
        pending = pending.and(delta);
        long now = System.nanoTime();
        flushAt(debounce.changed(moved, now), now);
    }

    private void flushAt(long atNanos, long nowNanos) {
        if (atNanos <= nowNanos) {
            flush();
        } else if (flush == null || atNanos < flushAtNanos) {
            if (flush != null) {
                flush.cancel(false);
            }
            flushAtNanos = atNanos;
            flush = executor.schedule(this::flush, atNanos - nowNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void flush() {
        if (flush != null) {
            flush.cancel(false);
            flush = null;
        }
        long now = System.nanoTime();
        if (audience.busy()) {
            // Whoever has not taken the last view would get two in a row.
            long at = debounce.defer(now);
            if (at > now) {
                flushAt(at, now);
                return;
            }
        }
        compile(debounce.flushed(now));
    }

    private void compileFromScratch() {
        compiled = true;
        pending = MeshFold.everything(fold.image());
        compile(System.nanoTime());
    }

    private void compile(long sinceNanos) {
        MeshImage image = fold.image();
        if (copy != null) {
            // Before anybody is served it: after a kill -9 nobody is served less.
            copy.keep();
        }
        head = image.state().head();
        MeshState.Life lifeNow = image.state().life();
        boolean turned = lifeNow != life;
        life = lifeNow;
        if (lifeNow != MeshState.Life.ACTIVE) {
            // What is pending stays: the compiler is told with the next image that can be served.
            if (turned && lifeNow == MeshState.Life.DELETED) {
                LOG.info("mesh deleted, its proxies keep what they have mesh={} position={}", mesh, position());
                canaries.forget();
                audience.tellDeleted();
                canaries.conclude();
            }
        } else {
            publish(image, sinceNanos);
        }
        if (turned) {
            onChange.run();
        }
    }

    private void publish(MeshImage image, long sinceNanos) {
        long start = System.nanoTime();
        take(image);
        causes.compiled(image.state().head().position());
        // Who is to be forgotten shows in who is asked for.
        boolean each = compiler.regrouped() || left;
        canaries.follow(image.state().spec());
        audience.tell(image.state().head().position(), views(), each, sinceNanos);
        if (left) {
            left = false;
            compiler.trim();
        }
        metrics.compiled(Duration.ofNanos(System.nanoTime() - start));
        canaries.conclude();
    }

    private Refusal explained(Proxy by, XdsType type, Refusal refusal) {
        if (compilerBroken) {
            return refusal;
        }
        try {
            return refusal.withCauses(causesOf(by, type, refusal));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.warn("what was refused cannot be explained mesh={} type={} node={}", mesh, type, by.id(), e);
            return refusal;
        }
    }

    private Refusal.Causes causesOf(Proxy by, XdsType type, Refusal refusal) {
        return causes.of(refusal, type, fold.image().state(), name -> compiler.sources(by, type, name));
    }

    /** Gives the image to the compiler; if that fails on what changed, to a new one, which knows nothing of the failure. */
    private void take(MeshImage image) {
        if (!compilerBroken) {
            try {
                compiler.update(image, pending);
                pending = ImageDelta.NONE;
                return;
            } catch (RuntimeException | StackOverflowError e) {
                metrics.compileFailed(mesh);
                LOG.error("compiler failed on a change, compiling anew mesh={} position={}", mesh, position(), e);
            }
        }
        ImageDelta everything = MeshFold.everything(image);
        try {
            MeshCompiler fresh = compilers.get();
            fresh.update(image, everything);
            compiler = fresh;
            compilerBroken = false;
            pending = ImageDelta.NONE;
        } catch (RuntimeException | StackOverflowError e) {
            metrics.compileFailed(mesh);
            LOG.error(
                    "compiler failed, the proxies of the mesh keep their last views mesh={} position={}",
                    mesh,
                    position(),
                    e);
            compilerBroken = true;
            pending = everything;
        }
    }

    /** Null if nobody's view can be had. */
    private @Nullable Function<Proxy, ProxyView> views() {
        return compilerBroken ? null : compiler::view;
    }

    private void viewFailed(Proxy first, int proxies, Throwable cause) {
        metrics.compileFailed(mesh);
        LOG.error(
                "compiler failed for a scope, its proxies keep their last view mesh={} position={} proxies={} node={}"
                        + " type={} cluster={} namespace={}",
                mesh,
                position(),
                proxies,
                first.id(),
                first.type(),
                first.cluster(),
                first.namespace(),
                cause);
    }

    private void becomes(State next) {
        state = next;
        head = fold.image().state().head();
        life = compiled ? life : fold.image().state().life();
        onChange.run();
    }

    private Object position() {
        return fold.image().state().head().position();
    }
}
