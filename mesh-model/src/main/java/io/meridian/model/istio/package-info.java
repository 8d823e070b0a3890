/**
 * The Istio resources that the mesh understands, parsed once into checked immutable values: what the compiler reads.
 *
 * <p>Field names and defaults are those of Istio's reference (istio.io/latest/docs/reference/config/networking) and of its CRDs. What is
 * deprecated or written in two ways there is one thing here: {@code mirror} and {@code mirrors}, {@code percent} and {@code percentage}. An
 * unset string, which protobuf cannot tell from an empty one, is an empty {@code Optional}.
 *
 * <p>Enters: canonical JSON of a spec. Leaves: an {@link io.meridian.model.istio.IstioSpec} and what was found wrong with it. Nothing here knows of
 * services, endpoints or proxies.
 */
@NullMarked
package io.meridian.model.istio;

import org.jspecify.annotations.NullMarked;
