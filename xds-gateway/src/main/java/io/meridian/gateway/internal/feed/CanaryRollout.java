package io.meridian.gateway.internal.feed;

import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsResource;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.gateway.internal.rollout.Halt;
import io.meridian.gateway.internal.rollout.RolloutPolicy;
import io.meridian.gateway.internal.rollout.Stages;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of one mesh's changes with its canaries: hears what they say, ends the waves that they have answered or had their time for, and
 * keeps in the local copy what was halted. Public methods may be called from any thread; the others belong to the mesh's thread.
 */
public final class CanaryRollout {
    private static final Logger LOG = LoggerFactory.getLogger(CanaryRollout.class);

    private final MeshId mesh;
    private final Audience audience;
    private final @Nullable LocalCopy copy;
    private final ScheduledExecutorService executor;
    private final Stages.Explainer explainer;

    private @Nullable RolloutPolicy policy;
    private boolean haltsLoaded;
    private @Nullable ScheduledFuture<?> concluding;
    private long concludingAtNanos;

    /** For others to read. */
    private volatile int halted;

    /** {@code executor}: the mesh's thread. {@code copy}: null if none is kept. */
    CanaryRollout(
            MeshId mesh,
            Audience audience,
            @Nullable LocalCopy copy,
            ScheduledExecutorService executor,
            Stages.Explainer explainer) {
        this.mesh = mesh;
        this.audience = audience;
        this.copy = copy;
        this.executor = executor;
        this.explainer = explainer;
    }

    // --- From the canaries' threads. ---

    public void sent(ViewSubscriber canary, List<XdsResource> resources) {
        said(stages -> stages.sent(canary, resources));
    }

    public void acknowledged(ViewSubscriber canary, List<XdsResource> resources) {
        said(stages -> stages.acknowledged(canary, resources));
    }

    /** {@code resources}: those of the refused response that the refusal is about. */
    public void refused(ViewSubscriber canary, List<XdsResource> resources, Refusal refusal) {
        Proxy by = canary.proxy();
        said(stages -> stages.refused(canary, by, resources, refusal));
    }

    /** It has answered all that it was told up to the wave. */
    public void answered(ViewSubscriber canary, long wave) {
        said(stages -> stages.settled(canary, wave));
    }

    private void said(Consumer<Stages<ViewSubscriber>> what) {
        executor.execute(() -> {
            audience.heard(what);
            conclude();
        });
    }

    /** Versions of resources that are halted now. */
    public int halted() {
        return halted;
    }

    // --- On the mesh's thread. ---

    /** From the next publish on it goes by what the mesh wants now. */
    void follow(MeshSpec spec) {
        RolloutPolicy wanted = RolloutPolicy.of(spec);
        if (!Objects.equals(wanted, policy)) {
            policy = wanted;
            audience.stage(wanted, keptHalts());
        } else if (!haltsLoaded) {
            // Whatever was halted before has been released.
            haltsLoaded = true;
            if (copy != null) {
                copy.keepHalts(HaltedRollouts.getDefaultInstance());
            }
        }
    }

    /** The mesh is gone: one that is created anew begins with nothing halted. */
    void forget() {
        policy = null;
    }

    /** Ends what canaries were waited for, if that is over, and sees to it that this is called when the time of what is left is up. */
    void conclude() {
        long now = System.nanoTime();
        if (audience.nextNanos() != Stages.NEVER) {
            audience.conclude(now, explainer).forEach(this::log);
        }
        halted = audience.halted();
        if (copy != null) {
            audience.haltsIfChanged().ifPresent(copy::keepHalts);
        }
        long next = audience.nextNanos();
        if (concluding != null && (next == Stages.NEVER || next != concludingAtNanos)) {
            concluding.cancel(false);
            concluding = null;
        }
        if (next != Stages.NEVER && concluding == null) {
            concludingAtNanos = next;
            concluding = executor.schedule(
                    () -> {
                        concluding = null;
                        conclude();
                    },
                    Math.max(0, next - now),
                    TimeUnit.NANOSECONDS);
        }
    }

    private void log(Halt halt) {
        LOG.warn(
                "roll-out halted, proxies that are no canaries keep the version before mesh={} type={} resource={}"
                        + " version={} canaries={} refused={} causes={} error={}",
                mesh,
                halt.type().shortName(),
                halt.name(),
                halt.version(),
                halt.canaries(),
                halt.refused(),
                halt.refusal().causes(),
                halt.refusal().message());
    }

    /** Of the gateway that ran here before; once. */
    private HaltedRollouts keptHalts() {
        boolean first = !haltsLoaded;
        haltsLoaded = true;
        return copy != null && first ? copy.loadHalts() : HaltedRollouts.getDefaultInstance();
    }
}
