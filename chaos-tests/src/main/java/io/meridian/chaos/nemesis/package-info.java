/**
 * The faults, each a small class that starts one and can heal it, and the seeded schedule by which they come. A fault tells in words what
 * it did; that it happened says nothing about what the regions should make of it.
 */
@NullMarked
package io.meridian.chaos.nemesis;

import org.jspecify.annotations.NullMarked;
