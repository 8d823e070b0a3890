/**
 * What surrounds one run of the command: console, environment, global options, and how it ends. No verb lives here, and no call is made here.
 */
@NullMarked
package io.meridian.cli.session;

import org.jspecify.annotations.NullMarked;
