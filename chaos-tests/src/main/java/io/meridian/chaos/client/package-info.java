/**
 * The clients of a run: they speak the admin API of the regions, as anybody does, and write down what they asked and what they were told.
 * They judge nothing.
 */
@NullMarked
package io.meridian.chaos.client;

import org.jspecify.annotations.NullMarked;
