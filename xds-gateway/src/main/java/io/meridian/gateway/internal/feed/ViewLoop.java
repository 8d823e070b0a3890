package io.meridian.gateway.internal.feed;

import java.util.concurrent.Executor;

/** The single thread that some subscribers live on. */
public interface ViewLoop extends Executor {
    /**
     * On that thread only: runs {@code then} once each of its subscribers stands where the registry believes, or has told it otherwise since
     * this was called. Perhaps at once.
     */
    void whenTold(Runnable then);
}
