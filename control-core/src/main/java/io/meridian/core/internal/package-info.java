/**
 * How a region's core does what its ports promise: the mesh entity (one writer per mesh, sharded over the region's nodes), the actors that own
 * its logs, and the services that read them. Actors decide nothing themselves: they call {@code HomeTurn}, {@code Acceptance} and {@code Evolver}.
 * Not for other modules.
 */
@NullMarked
package io.meridian.core.internal;

import org.jspecify.annotations.NullMarked;
