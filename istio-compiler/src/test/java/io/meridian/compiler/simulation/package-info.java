/**
 * Where would this request go? Answers from compiled configuration: by a model of Envoy's routing, and by the real Envoy where there is one
 * (environment variable {@code MERIDIAN_ENVOY}, or {@code envoy} on the path).
 */
@NullMarked
package io.meridian.compiler.simulation;

import org.jspecify.annotations.NullMarked;
