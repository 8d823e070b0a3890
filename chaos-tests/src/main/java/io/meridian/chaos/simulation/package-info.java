/**
 * The deterministic simulation: one mesh in several regions in virtual time, with everything that happens drawn from a seed. The protocol under it
 * is the product's ({@link io.meridian.core.protocol.MeshProtocol}); what is simulated is what it stands on: disks, clocks, the network, processes
 * that crash, operators and clients. Every invariant is checked at every change it speaks of; the same seed runs the same way again.
 *
 * <p>{@link io.meridian.chaos.simulation.Simulate} is the command. Nothing here reads a clock, starts a thread or does I/O but that command.
 */
@NullMarked
package io.meridian.chaos.simulation;

import org.jspecify.annotations.NullMarked;
