/**
 * The log as an auditor reads it: what an event did, what a state looks like, how two states differ. Pure text and values; who may ask,
 * and how a state at a position is found, is decided elsewhere.
 */
@NullMarked
package io.meridian.model.history;

import org.jspecify.annotations.NullMarked;
