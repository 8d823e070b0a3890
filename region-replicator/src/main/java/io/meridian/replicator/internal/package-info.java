/**
 * The gRPC shells around the pure protocol core. They carry out what the core says and tell it what happened, and decide nothing.
 *
 * <p>Threads: every mesh that is followed, every stream that is served and the region's own table of heads has a {@link
 * io.meridian.replicator.internal.SerialQueue} over one small pool and is touched there only, so none waits for another's trouble. Nothing
 * on that pool blocks.
 */
@NullMarked
package io.meridian.replicator.internal;

import org.jspecify.annotations.NullMarked;
