/**
 * Istio resources as the mesh stores them: identity, metadata and canonical spec. What a spec means is in {@code model.istio}.
 */
@NullMarked
package io.meridian.model.resource;

import org.jspecify.annotations.NullMarked;
