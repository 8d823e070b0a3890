/**
 * Measurements, run by hand. JMH for the pure core; macro runs that talk to running processes over the network and print rates, percentiles,
 * CPU seconds, bytes and memory of the process that is measured. {@code benchmarks/run} starts what they need. Never part of the tests.
 */
@NullMarked
package io.meridian.benchmarks;

import org.jspecify.annotations.NullMarked;
