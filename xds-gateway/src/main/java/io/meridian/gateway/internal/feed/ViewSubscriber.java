package io.meridian.gateway.internal.feed;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import java.util.concurrent.Executor;

/** A stream that wants the views of its proxy. */
public interface ViewSubscriber {
    Proxy proxy();

    /** The single thread that {@link #onView} is called on. */
    Executor loop();

    /**
     * Takes the newest view, whose resources are others than those of the last one. Until it returns, the stream has told the registry
     * where it stands now.
     *
     * @param changedNanos when the oldest of the changes that led to it arrived (System.nanoTime)
     */
    void onView(ProxyView view, long changedNanos);

    /** The newest view could not be compiled: the client keeps what it has, and is behind, until the next {@link #onView}. */
    void onCompileFailed();

    /** The mesh was deleted: nothing is sent any more, the client keeps what it has. */
    void onMeshDeleted();
}
