/**
 * Values and their text, both ways: tables, JSON, YAML, positions, durations, ages. Pure: no console, no network, no clock.
 */
@NullMarked
package io.meridian.cli.text;

import org.jspecify.annotations.NullMarked;
