/**
 * The xDS gateway: follows the event feed of its region and serves Envoy, istio-proxy and gRPC clients over ADS. It has no state that a
 * restart could lose, and goes on serving when the core is away. {@link io.meridian.gateway.Gateway} is the way in.
 */
@NullMarked
package io.meridian.gateway;

import org.jspecify.annotations.NullMarked;
