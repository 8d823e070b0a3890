/**
 * Bookinfo, the application that meshes are tried out with: productpage calls details and reviews, reviews v2 and v3 call ratings. All of its
 * services run in one small process, each at an address of its own, and answer as those of Istio's sample do.
 *
 * <p>The services know nothing of Meridian. They call each other by {@code Host} through a base URL that is given to them, which in a mesh
 * without traffic interception is the egress listener of their sidecar. No framework: the JDK's HTTP server and client only.
 */
@NullMarked
package io.meridian.examples.bookinfo;

import org.jspecify.annotations.NullMarked;
