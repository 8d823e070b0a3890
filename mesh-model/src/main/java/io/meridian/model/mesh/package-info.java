/**
 * The mesh aggregate, pure: {@code decide(state, command) -> events | rejection} and {@code evolve(state, event) -> state}.
 *
 * <p>Clock, ids and randomness come in with the command's context. Nothing here does I/O, logs, or knows of actors.
 */
@NullMarked
package io.meridian.model.mesh;

import org.jspecify.annotations.NullMarked;
