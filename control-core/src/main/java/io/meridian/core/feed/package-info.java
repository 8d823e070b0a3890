/**
 * The feed meridian.feed.v1 from a region's core to its gateways: a snapshot at a position and every event after it, the inventory beside
 * it, and the states of proxies back. A slow reader delays nobody and costs a bounded amount of memory. Nothing is decided here.
 */
@NullMarked
package io.meridian.core.feed;

import org.jspecify.annotations.NullMarked;
