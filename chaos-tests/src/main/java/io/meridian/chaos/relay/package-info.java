/**
 * A relay of gRPC calls between two regions that, unlike TCP, may deliver messages of a stream twice, out of order, or again in a later
 * stream, and calls twice. It stands behind a {@link io.meridian.chaos.proxy.Link} from the first time on that this fault is made there, or until it heals. Messages pass as the bytes
 * that they are; all that is known of them is which streams carry records, and of which mesh.
 */
@NullMarked
package io.meridian.chaos.relay;

import org.jspecify.annotations.NullMarked;
