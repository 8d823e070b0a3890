/**
 * The replication protocol as pure functions: {@code (state, moment, input) → (state, outputs)}. {@link
 * io.meridian.replicator.core.Follower} is the replica's side of one mesh, {@link io.meridian.replicator.core.Sender} the side of the
 * region that is followed, {@link io.meridian.replicator.core.HeadTable} what is known of all heads.
 *
 * <p>No clock, no randomness, no threads, no I/O: time and jitter come in with each step, everything else goes out as a value that a shell
 * carries out. A simulation drives the same code as production does. Inputs and outputs are sealed; handover and failover will extend them.
 */
@NullMarked
package io.meridian.replicator.core;

import org.jspecify.annotations.NullMarked;
