/**
 * The verbs. Each reads its options, makes its calls through {@link io.meridian.cli.session.Session#servers}, prints, and returns an exit code; a
 * failure is thrown as {@link io.meridian.cli.exit.CliFailure} or as the gRPC error that it is.
 */
@NullMarked
package io.meridian.cli.verb;

import org.jspecify.annotations.NullMarked;
