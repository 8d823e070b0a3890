package io.meridian.gateway.internal.feed;

import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.model.position.MeshId;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that owns what a gateway knows of one mesh. What is given to it after its end is dropped, and so is what was to come later. */
final class MeshThread extends ScheduledThreadPoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(MeshThread.class);

    private final MeshId mesh;
    private final GatewayMetrics metrics;

    private MeshThread(MeshId mesh, GatewayMetrics metrics) {
        super(1, Thread.ofPlatform().name("mesh-" + mesh).daemon().factory());
        this.mesh = mesh;
        this.metrics = metrics;
        setRejectedExecutionHandler(new DiscardPolicy());
        setRemoveOnCancelPolicy(true);
        setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    static ScheduledExecutorService of(MeshId mesh, GatewayMetrics metrics) {
        return new MeshThread(mesh, metrics);
    }

    /** The executor keeps a task's failure to itself. */
    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        if (task instanceof Future<?> done && done.state() == Future.State.FAILED) {
            metrics.internalError();
            LOG.error("mesh's thread failed on a task mesh={}", mesh, done.exceptionNow());
        }
    }
}
