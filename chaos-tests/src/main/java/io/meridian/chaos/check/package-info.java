/**
 * The judgement: pure functions from what was recorded and what the regions hold at the end to a verdict for each invariant of
 * docs/replication.md. It has nothing of the product's code but the contract: hashes are recomputed with plain SHA-256, the log is folded
 * by itself. No clock, no network.
 */
@NullMarked
package io.meridian.chaos.check;

import org.jspecify.annotations.NullMarked;
