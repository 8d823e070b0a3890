/**
 * From the meaning of Istio's objects to Envoy's protos, piece by piece: routes of a VirtualService, the policy of a cluster, TLS, connection
 * managers. Stateless and pure; equal inputs give equal bytes.
 *
 * <p>Enters: records of {@link io.meridian.model.istio} and plain values. Leaves: messages of Envoy's v3 API, as a current istiod writes them.
 * Which object applies to whom, which cluster a destination means and which listener a filter stands in is decided by the caller.
 *
 * <p>Differences from istiod, because proxies are stock Envoys without Istio's agent and extensions: no {@code istio.stats}, no metadata
 * exchange and no {@code istio.alpn} filters, which a stock Envoy would refuse; certificates in files are read by Envoy itself instead of
 * being served to it by the agent; secrets of the mesh are asked for over ADS.
 */
@NullMarked
package io.meridian.compiler.translate;

import org.jspecify.annotations.NullMarked;
