package io.meridian.gateway.internal.feed;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.gateway.internal.rollout.RolloutPart;

/** A stream that wants the views of its proxy. */
public interface ViewSubscriber {
    Proxy proxy();

    /** The thread that {@link #onView} is called on. */
    ViewLoop loop();

    /**
     * Takes the newest view, whose resources are others than those of the last one. When it returns, the stream's loop knows of it if the
     * registry has to be told ({@link ViewLoop#whenTold}).
     *
     * @param part in the roll-out of what changed
     * @param changedNanos when the oldest of the changes that led to it arrived (System.nanoTime)
     */
    void onView(ProxyView view, RolloutPart part, long changedNanos);

    /** The newest view could not be compiled: the client keeps what it has, and is behind, until the next {@link #onView}. */
    void onCompileFailed();

    /** The mesh was deleted: nothing is sent any more, the client keeps what it has. */
    void onMeshDeleted();
}
