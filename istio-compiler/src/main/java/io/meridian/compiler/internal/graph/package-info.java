/**
 * Incremental evaluation: facts that change from outside, queries computed from them, and the record of who looked at what.
 *
 * <p>A query is its own key: a record whose components are all that its answer may depend on, besides what it looks up through the tracked
 * view. Every lookup is recorded, of absent facts too. A change marks what depends on it; a query that is asked again is recomputed only if
 * something that it looked up has really another value, and an equal answer stops the change there. Knows nothing of meshes.
 *
 * <p>What is made of very many things is made of {@link Chunk}s of them, each a query, and of the chunks' answers: so a change of one costs its chunk and
 * the number of chunks. Large answers are hash-consed by their parts, so that they are told apart by identity. What no held {@link Answer} rests on is
 * forgotten at once.
 */
@NullMarked
package io.meridian.compiler.internal.graph;

import org.jspecify.annotations.NullMarked;
