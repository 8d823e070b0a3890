/**
 * Replication between regions: {@link io.meridian.replicator.Replicator} is what a region wires. It follows the logs of meshes whose home
 * is elsewhere, serves its own to others, forwards commands, and shares inventory; against control-core's ports only. The rules stand in
 * docs/replication.md and are carried out by the pure {@code core}; the gRPC shells are {@code internal}.
 */
@NullMarked
package io.meridian.replicator;

import org.jspecify.annotations.NullMarked;
