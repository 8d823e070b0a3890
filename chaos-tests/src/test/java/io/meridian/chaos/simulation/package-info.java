/** Tests of the simulation, and of the protocol by it. */
@NullMarked
package io.meridian.chaos.simulation;

import org.jspecify.annotations.NullMarked;
