/**
 * The way to the servers: channels, the next server when one is unreachable, retries that are safe because writes carry request ids, and the
 * translation of gRPC errors into words and exit codes.
 */
@NullMarked
package io.meridian.cli.rpc;

import org.jspecify.annotations.NullMarked;
