/** Regions over real gRPC on loopback. */
@NullMarked
package io.meridian.replicator;

import org.jspecify.annotations.NullMarked;
