/**
 * The ports of a region's core: what replicators, gateways and entrances may ask of it. Implementations live in {@code internal}.
 *
 * <p>All futures complete exceptionally only for what the caller cannot have caused; a refused command is a value.
 */
@NullMarked
package io.meridian.core;

import org.jspecify.annotations.NullMarked;
