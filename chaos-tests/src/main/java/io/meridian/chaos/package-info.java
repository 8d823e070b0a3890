/**
 * The chaos run as a whole: three regions as processes, faults between and in them, clients that write down what they see, and a judgement
 * of it (docs/chaos.md). {@link io.meridian.chaos.Chaos} is the command, {@link io.meridian.chaos.Run} one run.
 */
@NullMarked
package io.meridian.chaos;

import org.jspecify.annotations.NullMarked;
