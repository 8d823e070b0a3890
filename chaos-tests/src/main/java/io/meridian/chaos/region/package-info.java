/**
 * The regions and gateways as processes, or in containers, and what can be done to either from outside: signals, limits, its files. Nothing here knows what
 * a region is asked.
 */
@NullMarked
package io.meridian.chaos.region;

import org.jspecify.annotations.NullMarked;
