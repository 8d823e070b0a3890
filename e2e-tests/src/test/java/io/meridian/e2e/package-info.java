/**
 * The product as its users have it: the launcher, real processes, real Envoys, real HTTP. Nothing here reaches into a process; what is
 * asserted is what a user can see.
 */
@NullMarked
package io.meridian.e2e;

import org.jspecify.annotations.NullMarked;
