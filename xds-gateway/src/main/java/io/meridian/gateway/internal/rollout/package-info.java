/**
 * Canaries first: which proxies of a mesh get a change of configuration before the others, what these are served meanwhile, and what becomes
 * of a resource that the canaries refuse. Pure: time is an argument, nothing here has a thread or sends anything.
 */
@NullMarked
package io.meridian.gateway.internal.rollout;

import org.jspecify.annotations.NullMarked;
