/**
 * From a mesh's image and a proxy's scope to the xDS resources that it is served. Pure: no network, no clock, no threads.
 *
 * <p>A node of the compile graph is a query: a record that is its own key, and whose generator sees its components and a tracked view and
 * nothing else. The way of a change: {@code internal.input} turns the image's delta into facts; {@code internal.graph} marks what looked at
 * them; {@code internal.scope} asks for all that a proxy's class holds, which asks {@code internal.cluster}, {@code internal.listener}, {@code
 * internal.route} and {@code internal.grpc}, which ask {@code internal.service}; {@code translate} has the mere functions from Istio's specs to
 * Envoy's protos.
 *
 * <p>Limits of this version: endpoints of all networks are told to everyone; between proxies nothing is encrypted, whatever the mesh's mTLS mode;
 * {@code DYNAMIC_DNS} is resolved as {@code DNS}, or for wildcards goes to where the client meant;
 * headless services are balanced over their endpoints; {@code failoverPriority}, {@code egressProxy}, and addresses in the matches of TCP
 * routes do not count.
 */
@NullMarked
package io.meridian.compiler;

import org.jspecify.annotations.NullMarked;
