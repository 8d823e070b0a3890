/**
 * What clusters run, outside the audited log: stamps, the merge by which reports of several regions converge, and what a report must look
 * like. Pure: the wall clock comes in as milliseconds.
 */
@NullMarked
package io.meridian.model.inventory;

import org.jspecify.annotations.NullMarked;
