/**
 * What happened in a run: every operation of a client with its call and its end, every fault, and what was seen of the regions, as lines of
 * JSON (docs/chaos.md has the format). Written while it happens, read afterwards by the checker, ours or another.
 */
@NullMarked
package io.meridian.chaos.history;

import org.jspecify.annotations.NullMarked;
