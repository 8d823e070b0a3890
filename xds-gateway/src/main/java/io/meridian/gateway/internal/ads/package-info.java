/**
 * The shell around the protocol: the gRPC server, one object per stream on one of a few event loops, and which mesh a stream is of. Sends
 * only what the transport takes, and bounds what is on the way.
 */
@NullMarked
package io.meridian.gateway.internal.ads;

import org.jspecify.annotations.NullMarked;
