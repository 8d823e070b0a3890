/**
 * Runs the gateway's own code before the gateway says that it is ready: a JVM executes a piece of code slowly the first hundreds of times, and the
 * first proxies would pay for that. Everything in here is made up and thrown away: a mesh, a feed of it, a server on loopback and its clients.
 * Nothing of it may reach the real streams, meters or the core.
 */
@NullMarked
package io.meridian.gateway.internal.warm;

import org.jspecify.annotations.NullMarked;
