/** The protocol under a deterministic simulation, and its rules one by one. */
@NullMarked
package io.meridian.replicator.core;

import org.jspecify.annotations.NullMarked;
