/** Texts that Envoy reads. */
@org.jspecify.annotations.NullMarked
package io.meridian.model.envoy;
