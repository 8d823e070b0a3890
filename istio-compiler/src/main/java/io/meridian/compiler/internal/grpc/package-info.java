/**
 * What proxyless gRPC gets: a listener for each name that a channel may ask for, the routes and clusters behind it, and the listeners of servers.
 *
 * <p>Names are Istio's (pilot/pkg/networking/grpcgen). A client asks for what it needs by name, so a view with everything that it may see
 * costs it nothing; all but the routes and inbound listeners is shared by all clients, and endpoints by the sidecars too.
 */
@NullMarked
package io.meridian.compiler.internal.grpc;

import org.jspecify.annotations.NullMarked;
