/**
 * What one region does about one mesh, as a pure function {@code (state, moment, input) -> (state, outputs)}: the home's write path, a replica's
 * acceptance, promises, handover, forced failover, leases, divergent branches. No Pekko, no clock, no I/O: the mesh's entity carries out what it
 * says, and so does the simulation.
 */
@NullMarked
package io.meridian.core.protocol;

import org.jspecify.annotations.NullMarked;
