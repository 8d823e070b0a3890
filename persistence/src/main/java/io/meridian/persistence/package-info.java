/**
 * The durable side of a region: the SQLite journal behind Pekko Persistence, what its rows hold, and readers that go to the rows directly.
 *
 * <p>Enters: envelopes and states of the pure model. Leaves: the same bytes, and a clear refusal where they are damaged. Nothing here decides
 * what may be written; the mesh entity does. Everything that blocks says so: call it from a blocking edge, never from an actor's turn.
 */
@NullMarked
package io.meridian.persistence;

import org.jspecify.annotations.NullMarked;
