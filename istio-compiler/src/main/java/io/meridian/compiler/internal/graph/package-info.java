/**
 * Incremental evaluation: facts that change from outside, queries computed from them, and the record of who looked at what.
 *
 * <p>A query is its own key: a record whose components are all that its answer may depend on, besides what it looks up through the tracked
 * view. Every lookup is recorded, of absent facts too. A change marks what depends on it; a query that is asked again is recomputed only if
 * something that it looked up has really another value, and an equal answer stops the change there. Knows nothing of meshes.
 */
@NullMarked
package io.meridian.compiler.internal.graph;

import org.jspecify.annotations.NullMarked;
