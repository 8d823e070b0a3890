/**
 * The regions and gateways as processes, and what can be done to a process from outside: signals, limits, its files. Nothing here knows what a region is
 * asked.
 */
@NullMarked
package io.meridian.chaos.region;

import org.jspecify.annotations.NullMarked;
