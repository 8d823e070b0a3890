/**
 * The xDS protocol of one stream as state machines: requests and views go in, responses come out. No clock, thread, network or log in here:
 * the time is an argument, and whoever owns the stream calls from one thread at a time.
 *
 * <p>Source of the rules: the xDS protocol specification ("xDS REST and gRPC protocol" of Envoy's documentation), gRFC A27, and what
 * Envoy's own multiplexer does.
 */
@NullMarked
package io.meridian.gateway.internal.protocol;

import org.jspecify.annotations.NullMarked;
