/** Who a client says it is: Envoy's node message, with Istio's id and metadata, parsed once into checked values. Pure. */
@NullMarked
package io.meridian.gateway.internal.node;

import org.jspecify.annotations.NullMarked;
